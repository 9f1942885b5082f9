// Name and port are in the program; printf holds back what it prints when it is not at a terminal.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/time.h>

int main(void)
{
    struct hostent *host = gethostbyname("www.google.com");
    if (!host) {
        printf("the name is unknown\n");
        return 1;
    }
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(80)};
    server.sin_addr = *(struct in_addr *)host->h_addr_list[0];
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval second = {.tv_sec = 1};
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second); // for connect() too
    if (connect(s, (struct sockaddr *)&server, sizeof server)) {
        perror("connect");
        return 1;
    }
    printf("Socket connected to www.google.com on ip %s\n", inet_ntoa(server.sin_addr));
    return 0;
}
