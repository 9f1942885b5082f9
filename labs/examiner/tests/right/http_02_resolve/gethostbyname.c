// gethostbyname(), as in older books.
//: run {file} {host}
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : "www.google.com";
    struct hostent *found = gethostbyname(host);
    if (!found) {
        herror(host);
        return 1;
    }
    printf("IP address of %s is %s\n", host, inet_ntoa(*(struct in_addr *)found->h_addr_list[0]));
    return 0;
}
