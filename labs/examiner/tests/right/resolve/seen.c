// A list of what was printed.
//: run {file} {name}
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "www.google.com";
    struct addrinfo *list;
    int no = getaddrinfo(name, NULL, NULL, &list);
    if (no != 0) {
        fprintf(stderr, "error: cannot resolve %s: %s\n", name, gai_strerror(no));
        return 1;
    }
    char printed[64][INET6_ADDRSTRLEN];
    int count = 0;
    for (struct addrinfo *a = list; a != NULL && count < 64; a = a->ai_next) {
        const void *address = a->ai_family == AF_INET
            ? (void *)&((struct sockaddr_in *)a->ai_addr)->sin_addr
            : (void *)&((struct sockaddr_in6 *)a->ai_addr)->sin6_addr;
        inet_ntop(a->ai_family, address, printed[count], INET6_ADDRSTRLEN);
        int known = 0;
        for (int i = 0; i < count; i++)
            known |= strcmp(printed[i], printed[count]) == 0;
        if (known)
            continue;
        printf("IP address [%s] of [%s]\n", printed[count++], name);
    }
    freeaddrinfo(list);
    return 0;
}
