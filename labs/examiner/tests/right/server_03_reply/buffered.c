// The port of the lab, fixed; printf holds back what it prints when it is no terminal.
#include <arpa/inet.h>
#include <signal.h>
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
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8888)};
    int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    check(bind(server, (struct sockaddr *)&address, sizeof address), "bind");
    check(listen(server, 10), "listen");
    printf("listening\n");
    int client = accept(server, NULL, NULL);
    check(client, "accept");
    signal(SIGPIPE, SIG_IGN);
    char buffer[1024];
    ssize_t length = recv(client, buffer, sizeof buffer, 0);
    check(length, "recv");
    for (ssize_t sent = 0, n; sent < length; sent += n)
        check(n = send(client, buffer + sent, length - sent, 0), "send");
    printf("%zd bytes sent back\n", length);
    close(client);
    close(server);
}
