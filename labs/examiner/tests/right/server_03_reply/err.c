// err() for what goes wrong; the words are the lab's.
//: run {file} {port}
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof a;
    int s = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    char data[1024];
    a.sin_port = htons(argc > 1 ? atoi(argv[1]) : 8888);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 10))
        err(1, "port %d", ntohs(a.sin_port));
    int c = accept(s, (struct sockaddr *)&a, &n);
    if (c < 0)
        err(1, "accept");
    printf("Connected with %s:%d\n", inet_ntoa(a.sin_addr), ntohs(a.sin_port));
    ssize_t length = recv(c, data, sizeof data, 0);
    if (length > 0 && send(c, data, length, MSG_NOSIGNAL) < 0)
        warn("send");
    close(c);
    close(s);
    return 0;
}
