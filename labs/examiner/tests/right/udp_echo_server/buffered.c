// The port of the lab is in the program, and what it prints is held back when it is no terminal.
#include <arpa/inet.h>
#include <stdio.h>

int main(void)
{
    static char datagram[65536];
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(65432)}, client;
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(s, (struct sockaddr *)&own, sizeof own)) {
        perror("bind");
        return 1;
    }
    for (;;) {
        socklen_t size = sizeof client;
        ssize_t length =
            recvfrom(s, datagram, sizeof datagram, 0, (struct sockaddr *)&client, &size);
        if (length < 0)
            continue;
        printf("%zd bytes from port %d\n", length, ntohs(client.sin_port));
        if (sendto(s, datagram, length, 0, (struct sockaddr *)&client, size) < 0)
            perror("sendto");
    }
}
