// The name is in the program; printf holds back what it prints when it is not at a terminal.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>

int main(void)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    int error = getaddrinfo("www.google.com", "80", &hints, &found);
    if (error) {
        fprintf(stderr, "www.google.com: %s\n", gai_strerror(error));
        return 1;
    }
    char text[INET_ADDRSTRLEN];
    struct sockaddr_in *address = (struct sockaddr_in *)found->ai_addr;
    printf("%s\n", inet_ntop(AF_INET, &address->sin_addr, text, sizeof text));
    freeaddrinfo(found);
    return 0;
}
