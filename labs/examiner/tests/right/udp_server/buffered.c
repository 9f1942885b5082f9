// The lab's own port, and output that is held back when it is no terminal.
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static char buffer[65507];

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(12000)};
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(server, (struct sockaddr *)&address, sizeof address)) {
        printf("No puedo usar el puerto 12000: %s\n", strerror(errno));
        return 1;
    }
    printf("El servidor espera\n");
    for (;;) {
        struct sockaddr_in client;
        socklen_t size = sizeof client;
        ssize_t length = recvfrom(server, buffer, sizeof buffer, 0, (struct sockaddr *)&client, &size);
        if (length < 0)
            continue;
        for (ssize_t i = 0; i < length; i++)
            buffer[i] = toupper((unsigned char)buffer[i]);
        printf("Mensaje de %s:%d\n", inet_ntoa(client.sin_addr), ntohs(client.sin_port));
        sendto(server, buffer, length, 0, (struct sockaddr *)&client, size);
    }
}
