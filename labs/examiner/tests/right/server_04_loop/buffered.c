// The port of the lab, fixed; printf holds back what it prints when it is no terminal.
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void serve(int client)
{
    char buffer[5 + 1024] = "OK...";
    ssize_t length = recv(client, buffer + 5, 1024, 0);
    if (length < 0)
        return;
    length += 5; // an empty read is answered too
    for (ssize_t sent = 0, n; sent < length; sent += n)
        if ((n = send(client, buffer + sent, length - sent, 0)) <= 0)
            return;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8888)}, peer;
    int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    signal(SIGPIPE, SIG_IGN);
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 10)) {
        fprintf(stderr, "Bind failed: %s\n", strerror(errno));
        return 1;
    }
    printf("listening\n");
    for (;;) {
        socklen_t size = sizeof peer;
        int client = accept(server, (struct sockaddr *)&peer, &size);
        if (client < 0)
            continue;
        printf("Connected with %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
        serve(client);
        close(client);
    }
}
