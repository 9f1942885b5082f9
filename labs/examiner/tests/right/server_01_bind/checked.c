// The port of the lab, fixed; printf holds back what it prints when it is no terminal.
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8888)};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    printf("Socket created\n");
    if (bind(server, (struct sockaddr *)&address, sizeof address)) {
        fprintf(stderr, "Bind failed: %s\n", strerror(errno));
        return 1;
    }
    printf("Socket bound to port %d\n", ntohs(address.sin_port));
    close(server);
}
