// Two sockets, one of each family, in one poll().
//: run {file} {port}
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static int open_at(struct sockaddr *address, socklen_t size)
{
    int s = socket(address->sa_family, SOCK_DGRAM, 0), yes = 1;
    if (s >= 0 && address->sa_family == AF_INET6)
        setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    return s >= 0 && bind(s, address, size) == 0 ? s : -1;
}

int main(int argc, char **argv)
{
    static char data[65536];
    unsigned short port = htons(argc > 1 ? atoi(argv[1]) : 65432);
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = port};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = port};
    struct pollfd both[2] = {{.events = POLLIN}, {.events = POLLIN}};
    both[0].fd = open_at((struct sockaddr *)&four, sizeof four);
    if (both[0].fd < 0) {
        perror("cannot open the port");
        return 1;
    }
    both[1].fd = open_at((struct sockaddr *)&six, sizeof six); // -1, where there is no IPv6
    while (poll(both, 2, -1) >= 0)
        for (int i = 0; i < 2; i++) {
            struct sockaddr_storage peer;
            socklen_t size = sizeof peer;
            if (!both[i].revents)
                continue;
            ssize_t n = recvfrom(both[i].fd, data, sizeof data, 0, (struct sockaddr *)&peer, &size);
            if (n >= 0)
                sendto(both[i].fd, data, n, 0, (struct sockaddr *)&peer, size);
        }
    return 1;
}
