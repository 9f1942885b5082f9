// Name and port are in the program; printf holds back what it prints when it is not at a terminal.
#include <arpa/inet.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char request[] =
    "GET / HTTP/1.1\r\nHost: www.google.com\r\nConnection: close\r\n\r\n";

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    struct hostent *host = gethostbyname("www.google.com");
    if (!host) {
        printf("the name is unknown\n");
        return 1;
    }
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(80)};
    server.sin_addr = *(struct in_addr *)host->h_addr_list[0];
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s, (struct sockaddr *)&server, sizeof server)) {
        perror("connect");
        return 1;
    }
    for (size_t sent = 0; sent < strlen(request);) {
        ssize_t n = write(s, request + sent, strlen(request) - sent);
        if (n < 0) {
            perror("write");
            return 1;
        }
        sent += n;
    }
    printf("Message sent successfully\n");
    for (const char *c = request; *c; c++)
        if (*c == '\r')
            printf("\\r");
        else if (*c == '\n')
            printf("\\n\n");
        else
            putchar(*c);
    return 0;
}
