// All interfaces, SO_REUSEADDR, send() with MSG_NOSIGNAL.
//: run {file} {port}
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *call)
{
    perror(call);
    exit(1);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {INADDR_ANY}};
    address.sin_port = htons(argc > 1 ? strtol(argv[1], NULL, 10) : 12000);
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (server < 0)
        die("socket");
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(server, SOMAXCONN) < 0)
        die("listen");
    while (1) {
        socklen_t length = sizeof address;
        int client = accept(server, (struct sockaddr *)&address, &length);
        if (client < 0)
            continue;
        printf("client %s port %d\n", inet_ntoa(address.sin_addr), ntohs(address.sin_port));
        char text[2000];
        ssize_t n = recv(client, text, sizeof text, 0);
        for (ssize_t i = 0; i < n; i++)
            if ('a' <= text[i] && text[i] <= 'z')
                text[i] += 'A' - 'a';
        if (n > 0)
            send(client, text, n, MSG_NOSIGNAL);
        close(client);
    }
}
