// One gethostbyname(), one printf().
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    char name[256];
    if (gethostname(name, sizeof name) < 0) {
        perror("gethostname");
        return 1;
    }
    struct hostent *found = gethostbyname(name);
    if (!found) {
        herror(name);
        return 1;
    }
    struct in_addr address = *(struct in_addr *)found->h_addr_list[0];
    printf("Nombre %s, dirección %s\n", name, inet_ntoa(address));
    if (ntohl(address.s_addr) >> 24 == 127)
        printf("Solo local.\n");
    return 0;
}
