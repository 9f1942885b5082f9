// strtol() for a number, getservbyname() for the rest.
//: run {file} {port} {protocol}
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int show(const char *asked, const char *protocol)
{
    char *end;
    long port = strtol(asked, &end, 10);
    struct servent *service;
    if (*end == '\0') {
        if (port < 0 || port > 65535) {
            fprintf(stderr, "%ld is out of range: ports end at 65535\n", port);
            return 1;
        }
        service = getservbyport(htons((unsigned short)port), protocol);
    } else {
        service = getservbyname(asked, protocol);
    }
    if (service == NULL) {
        if (access("/etc/services", F_OK) != 0)
            fprintf(stderr, "this machine has no /etc/services\n");
        fprintf(stderr, "no service is registered for %s/%s\n", asked, protocol);
        return 1;
    }
    printf("Protocol %s, port %d => name [%s]\n", protocol, ntohs(service->s_port), service->s_name);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return show(argv[1], argc > 2 ? argv[2] : "tcp");
    return show("25", "tcp") || show("53", "udp");
}
