// recvmsg() and sendmsg(), and a warning for every error of one client.
//: run {file} {port}
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char *argv[])
{
    static unsigned char buffer[1 << 16];
    struct sockaddr_in me = {.sin_family = AF_INET}, peer;
    me.sin_port = htons(argc > 1 ? (unsigned short)atoi(argv[1]) : 12000);
    int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    if (fd < 0 || bind(fd, (struct sockaddr *)&me, sizeof me) < 0) {
        perror("udp_server");
        return EXIT_FAILURE;
    }
    for (;;) {
        struct iovec part = {buffer, sizeof buffer};
        struct msghdr message = {&peer, sizeof peer, &part, 1, NULL, 0, 0};
        ssize_t n = recvmsg(fd, &message, 0);
        if (n < 0) {
            perror("recvmsg");
            continue;
        }
        fprintf(stdout, "%zd bytes from %s, port %u\n", n, inet_ntoa(peer.sin_addr),
                ntohs(peer.sin_port));
        for (unsigned char *c = buffer; c < buffer + n; c++)
            if (*c >= 'a' && *c <= 'z')
                *c -= 'a' - 'A';
        part.iov_len = (size_t)n;
        if (sendmsg(fd, &message, 0) < 0)
            perror("sendmsg");
    }
}
