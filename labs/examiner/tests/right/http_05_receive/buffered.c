// Name and port are in the program; standard output is held back until the end.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static const char request[] =
    "GET / HTTP/1.1\r\nHost: www.google.com\r\nConnection: close\r\n\r\n";

static int fails(const char *what)
{
    perror(what);
    return 1;
}

int main(void)
{
    struct hostent *host = gethostbyname("www.google.com");
    if (!host)
        return fails("www.google.com");
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(80)};
    server.sin_addr = *(struct in_addr *)host->h_addr_list[0];
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval second = {.tv_sec = 1};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    if (connect(s, (struct sockaddr *)&server, sizeof server))
        return fails("connect");
    if (send(s, request, strlen(request), MSG_NOSIGNAL) < 0)
        return fails("send");
    char buffer[1000];
    ssize_t n;
    while ((n = recv(s, buffer, sizeof buffer, 0)) > 0) {
        fwrite(buffer, 1, n, stdout);
        fprintf(stderr, "%zd bytes\n", n);
    }
    return n < 0 ? fails("recv") : 0;
}
