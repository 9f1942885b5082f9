// gethostname() and gethostbyname(), as in older books.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char name[256];
    if (gethostname(name, sizeof name)) {
        perror("gethostname");
        return 1;
    }
    struct hostent *found = gethostbyname(name);
    if (!found) {
        fprintf(stderr, "%s: %s\n", name, hstrerror(h_errno));
        return 1;
    }
    unsigned char *ip = (unsigned char *)found->h_addr_list[0];
    printf("%s: %d.%d.%d.%d%s\n", name, ip[0], ip[1], ip[2], ip[3],
           ip[0] == 127 ? ", solo desde aquí" : "");
    return 0;
}
