// inet_ntop() and strtoul(), and a backlog of ten.
//: run {file} {port}
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char ip[INET_ADDRSTRLEN];
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    a.sin_port = htons(argc > 1 ? strtoul(argv[1], 0, 10) : 8888);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0)
        err(1, "socket");
    puts("Socket created");
    if (bind(s, (struct sockaddr *)&a, sizeof a))
        err(1, "bind to port %d", ntohs(a.sin_port));
    puts("Socket bound");
    if (listen(s, 10))
        err(1, "listen");
    puts("Socket now listening");
    int c = accept(s, (struct sockaddr *)&a, &n);
    if (c < 0)
        err(1, "accept");
    printf("Connected with %s:%hu\n", inet_ntop(AF_INET, &a.sin_addr, ip, sizeof ip), ntohs(a.sin_port));
    close(c);
    close(s);
    return 0;
}
