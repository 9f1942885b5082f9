/* udp_flood: sends one datagram again and again, as fast as it can.
 *
 *     udp_flood PORT SECONDS < DATAGRAM
 *
 * With UDP_SEGMENT the kernel cuts one sendmsg() into many datagrams. That is several times
 * faster than sendmmsg(), and fast enough to keep a server busy that makes a system call a
 * datagram. Prints how many were sent. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static void die(const char *attempt) {
    perror(attempt);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    static char many[65507];
    if (argc != 3) return 2;
    double seconds = atof(argv[2]);
    ssize_t size = read(0, many, sizeof many);
    if (size <= 0) die("read the datagram");
    int pieces = 64; /* the most that the kernel cuts one message into */
    if (pieces > (int)sizeof many / size) pieces = sizeof many / size;
    for (int i = 1; i < pieces; i++) memcpy(many + i * size, many, size);

    int client = socket(AF_INET, SOCK_DGRAM, 0);
    if (client < 0) die("socket");
    struct sockaddr_in server = {.sin_family = AF_INET,
                                 .sin_port = htons(atoi(argv[1])),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(client, (struct sockaddr *)&server, sizeof server) < 0) die("connect");
    int segment = size;
    if (setsockopt(client, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) < 0)
        die("UDP_SEGMENT");

    unsigned long sent = 0;
    for (double start = now(); now() - start < seconds;) {
        if (send(client, many, pieces * size, 0) > 0) sent += pieces;
        else if (errno != ECONNREFUSED && errno != ENOBUFS && errno != EAGAIN) die("send");
    }
    printf("%lu\n", sent);
    return 0;
}
