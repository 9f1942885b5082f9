// getaddrinfo(), SO_RCVTIMEO and SO_SNDTIMEO; the end of the sentence is told with shutdown().
//: run {file} {host} {port} {timeout}
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static char line[70000];

int main(int argc, char **argv)
{
    struct addrinfo want = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *server;
    double seconds = argc > 3 ? atof(argv[3]) : 5;
    struct timeval most = {(time_t)seconds, (suseconds_t)((seconds - (time_t)seconds) * 1e6)};
    struct sockaddr_in me;
    socklen_t size = sizeof me;
    if (argc < 3) {
        fprintf(stderr, "usage: %s HOST PORT [SECONDS]\n", argv[0]);
        return 2;
    }
    int no = getaddrinfo(argv[1], argv[2], &want, &server);
    if (no) {
        fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(no));
        return 1;
    }
    int s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    if (connect(s, server->ai_addr, server->ai_addrlen)) {
        perror("connect");
        return 1;
    }
    getsockname(s, (struct sockaddr *)&me, &size);
    printf("Client %s port %d\n", inet_ntoa(me.sin_addr), ntohs(me.sin_port));
    printf("Input lowercase sentence: ");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        return 1;
    size_t length = strcspn(line, "\n");
    for (size_t sent = 0; sent < length;) {
        ssize_t n = send(s, line + sent, length - sent, MSG_NOSIGNAL);
        if (n < 0) {
            perror("send");
            return 1;
        }
        sent += n;
    }
    printf("From server: ");
    ssize_t n;
    while ((n = recv(s, line, sizeof line, 0)) > 0)
        fwrite(line, 1, n, stdout);
    puts("");
    if (n < 0) {
        perror("recv");
        return 1;
    }
    close(s);
    return 0;
}
