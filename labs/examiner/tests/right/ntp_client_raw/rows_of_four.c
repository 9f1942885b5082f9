// Asks the server of its first argument; a row of four bytes, as in the RFC's picture.
// Its output is held back when it is no terminal, as printf does.
//: run {file} {host} {port}
#include <arpa/inet.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

static const char *names[] = {
    "LI, VN, mode, stratum, poll, precision", "root delay", "root dispersion", "reference ID",
    "reference (s)", "reference (fraction)", "origin (s)", "origin (fraction)",
    "receive (s)", "receive (fraction)", "transmit (s)", "transmit (fraction)",
};

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return ((uint64_t)t.tv_sec + 2208988800u) << 32 | ((uint64_t)t.tv_nsec << 32) / 1000000000;
}

static uint64_t timestamp(const unsigned char *at)
{
    uint64_t all = 0;
    for (int i = 0; i < 8; i++)
        all = all << 8 | at[i];
    return all;
}

static void table(const char *title, const unsigned char *packet)
{
    puts(title);
    for (int i = 0; i < 48; i += 4)
        printf("%2d  %02X %02X %02X %02X  %s\n", i, packet[i], packet[i + 1], packet[i + 2],
               packet[i + 3], names[i / 4]);
}

static void no(const char *why)
{
    fprintf(stderr, "error: %s\n", why);
    exit(1);
}

int main(int argc, char **argv)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *server;
    if (argc != 3 || getaddrinfo(argv[1], argv[2], &hints, &server))
        no("who is that?");
    int client = socket(AF_INET, SOCK_DGRAM, 0);
    struct timeval wait = {.tv_usec = 500000};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);

    unsigned char request[48] = {4 << 3 | 3}, reply[1024];
    if (getrandom(request + 40, 8, 0) != 8)
        no("no random numbers");
    uint64_t t1 = now();
    sendto(client, request, 48, 0, server->ai_addr, server->ai_addrlen);
    struct sockaddr_in sender, *asked = (struct sockaddr_in *)server->ai_addr;
    socklen_t size = sizeof sender;
    ssize_t length = recvfrom(client, reply, sizeof reply, 0, (struct sockaddr *)&sender, &size);
    uint64_t t4 = now();
    if (length < 0)
        no("nobody answers");
    if (sender.sin_addr.s_addr != asked->sin_addr.s_addr || sender.sin_port != asked->sin_port)
        no("somebody else answers");
    if (length < 48)
        no("too short");
    table("Sent", request);
    table("Received", reply);
    if ((reply[0] & 7) != 4)
        no("not a server's mode");
    if (memcmp(reply + 24, request + 40, 8))
        no("not an answer to this");
    if (reply[1] == 0) {
        fprintf(stderr, "kiss code %.4s\n", (char *)reply + 12);
        return 1;
    }
    if (reply[1] > 15 || reply[0] >> 6 == 3 || timestamp(reply + 40) == 0)
        no("the server does not know the time");

    int64_t out = timestamp(reply + 32) - t1, back = timestamp(reply + 40) - t4;
    printf("offset %.6f s\ndelay %.6f s\n", (out / 2 + back / 2) / 4294967296.0,
           (out - back) / 4294967296.0);
    return 0;
}
