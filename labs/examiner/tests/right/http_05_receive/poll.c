// The whole response is kept and written at the end.
//: run {file} {host} {port} {timeout}
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : "www.google.com";
    double seconds = argc > 3 ? atof(argv[3]) : 5;
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *site;
    struct timeval most = {.tv_sec = seconds, .tv_usec = (long)(seconds * 1000000) % 1000000};
    char *all = NULL, request[1000];
    size_t length = 0;
    int error = getaddrinfo(host, argc > 2 ? argv[2] : "80", &hints, &site);
    if (error) {
        fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
        return 1;
    }
    int s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
    if (connect(s, site->ai_addr, site->ai_addrlen) < 0 ||
        send(s, request, strlen(request), MSG_NOSIGNAL) < 0) {
        perror(host);
        return 1;
    }
    for (;;) {
        struct pollfd some = {s, POLLIN, 0};
        if (poll(&some, 1, seconds * 1000) == 0) {
            fprintf(stderr, "%s says nothing for %g s\n", host, seconds);
            return 1;
        }
        all = realloc(all, length + 4096);
        ssize_t n = recv(s, all + length, 4096, 0);
        if (n < 0) {
            perror("recv");
            return 1;
        }
        if (n == 0)
            break;
        fprintf(stderr, "recv: %zd bytes\n", n);
        length += n;
    }
    if (length == 0)
        fprintf(stderr, "the server has closed without an answer\n");
    fwrite(all, 1, length, stdout);
    return 0;
}
