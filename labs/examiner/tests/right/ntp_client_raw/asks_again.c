// A struct for the packet; what is no answer is left aside, and asked again after a second, three times.
//: run {file} {host} {port}
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

struct packet {
    uint8_t flags, stratum, poll, precision;
    uint8_t root_delay[4], root_dispersion[4], id[4];
    uint8_t reference[8], origin[8], receive[8], transmit[8];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double unix_time(const uint8_t *at)
{
    uint32_t words[2];
    memcpy(words, at, 8);
    double seconds = ntohl(words[0]) + (ntohl(words[0]) >> 31 ? 0 : 4294967296.0);
    return seconds - 2208988800.0 + ntohl(words[1]) / 4294967296.0;
}

static void row(const char *name, const uint8_t *bytes, int length)
{
    printf("  %-16s", name);
    for (int i = 0; i < length; i++)
        printf(" %02x", bytes[i]);
    printf("\n");
}

static void show(const char *title, const struct packet *p)
{
    puts(title);
    row("flags", &p->flags, 1), row("stratum", &p->stratum, 1);
    row("poll", &p->poll, 1), row("precision", &p->precision, 1);
    row("root delay", p->root_delay, 4), row("root dispersion", p->root_dispersion, 4);
    row("reference id", p->id, 4), row("reference", p->reference, 8), row("origin", p->origin, 8);
    row("receive", p->receive, 8), row("transmit", p->transmit, 8);
}

int main(int argc, char **argv)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *to;
    if (argc != 3 || getaddrinfo(argv[1], argv[2], &hints, &to)) {
        fprintf(stderr, "who is %s?\n", argc > 1 ? argv[1] : "the server");
        return 1;
    }
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(s, to->ai_addr, to->ai_addrlen)) {
        perror("connect");
        return 1;
    }
    for (int attempt = 0; attempt < 3; attempt++) {
        struct packet ask = {.flags = 0x23}, answer;
        struct pollfd ready = {s, POLLIN, 0};
        getrandom(ask.transmit, 8, 0);
        double t1 = now();
        if (send(s, &ask, sizeof ask, 0) < 0)
            break;
        if (poll(&ready, 1, 1500) <= 0)
            continue;
        ssize_t length = recv(s, &answer, sizeof answer, 0);
        double t4 = now();
        if (length < (ssize_t)sizeof answer || (answer.flags & 7) != 4 ||
            memcmp(answer.origin, ask.transmit, 8))
            continue;
        if (answer.stratum == 0) {
            fprintf(stderr, "kiss code %.4s\n", (char *)answer.id);
            return 1;
        }
        if (answer.stratum > 15 || answer.flags >> 6 == 3)
            continue;
        show("request", &ask);
        show("response", &answer);
        double t2 = unix_time(answer.receive), t3 = unix_time(answer.transmit);
        printf("offset %.6f s, delay %.6f s\n", (t2 - t1 + t3 - t4) / 2, t4 - t1 - (t3 - t2));
        return 0;
    }
    fprintf(stderr, "no good answer from %s\n", argv[1]);
    return 1;
}
