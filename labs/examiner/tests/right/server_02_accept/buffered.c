// The port of the lab, fixed; printf holds back what it prints when it is no terminal.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void check(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8888)}, peer;
    socklen_t size = sizeof peer;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    check(bind(server, (struct sockaddr *)&address, sizeof address), "bind");
    check(listen(server, 10), "listen");
    printf("listening\n");
    int client = accept(server, (struct sockaddr *)&peer, &size);
    check(client, "accept");
    printf("%s, port %d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
    close(client);
    close(server);
}
