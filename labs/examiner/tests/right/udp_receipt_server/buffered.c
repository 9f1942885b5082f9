// The lab's own port, and output that is held back when it is no terminal.
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static char message[65507];

int main(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(12000)}, client;
    socklen_t size = sizeof client;
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(server, (struct sockaddr *)&here, sizeof here)) {
        fprintf(stderr, "bind: %s\n", strerror(errno));
        return 1;
    }
    ssize_t length = recvfrom(server, message, sizeof message, 0, (struct sockaddr *)&client, &size);
    if (length < 0) {
        fprintf(stderr, "recvfrom: %s\n", strerror(errno));
        return 1;
    }
    printf("Mensaje recibido: ");
    fwrite(message, 1, length, stdout); // it may have zero bytes in it
    printf("\nde %s, puerto %d\n", inet_ntoa(client.sin_addr), ntohs(client.sin_port));
    const char *receipt = "Message received.";
    sendto(server, receipt, strlen(receipt), 0, (struct sockaddr *)&client, size);
    return 0;
}
