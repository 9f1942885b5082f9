// The request is shown byte for byte, with \r and \n as two letters each.
//: run {file} {host} {port}
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : "www.google.com";
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *site;
    struct timeval most = {.tv_sec = 4};
    char request[1024];
    int error = getaddrinfo(host, argc > 2 ? argv[2] : "http", &hints, &site);
    if (error) {
        fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
        return 1;
    }
    int s = socket(site->ai_family, site->ai_socktype, site->ai_protocol);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    int length = snprintf(request, sizeof request,
                          "GET / HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\nConnection: close\r\n\r\n", host);
    if (connect(s, site->ai_addr, site->ai_addrlen) || send(s, request, length, MSG_NOSIGNAL) != length) {
        perror(host);
        return 1;
    }
    puts("Message sent successfully:");
    for (const char *c = request; *c; c++) {
        if (*c == '\r')
            printf("\\r");
        else if (*c == '\n')
            printf("\\n\n");
        else
            putchar(*c);
    }
    close(s);
    return 0;
}
