// One poll() with the time that is left; ports and quote are the lab's own, and one peer.
//: run {file} {port} {peer_host} {peer_port}
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SOURCES 256

static unsigned char data[65536];
static struct { uint32_t ip; unsigned long times; } sources[SOURCES];

static uint32_t adler32(const unsigned char *bytes, size_t length)
{
    uint32_t a = 1, b = 0;
    while (length--) {
        a = (a + *bytes++) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int is_utf8(const unsigned char *s, size_t length)
{
    for (size_t i = 0; i < length;) {
        int more = s[i] < 0x80 ? 0 : s[i] >> 5 == 6 ? 1 : s[i] >> 4 == 14 ? 2 : s[i] >> 3 == 30 ? 3 : -1;
        uint32_t code = more > 0 ? s[i] & (0x3f >> more) : s[i];
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (more < 0 || i + more >= length)
            return 0;
        for (int k = 1; k <= more; k++) {
            if ((s[i + k] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (s[i + k] & 0x3f);
        }
        if (code < least[more] || code > 0x10ffff || code >> 11 == 27)
            return 0;
        i += more + 1;
    }
    return 1;
}

static unsigned long count(uint32_t ip)
{
    static unsigned next;
    for (int i = 0; i < SOURCES; i++)
        if (sources[i].ip == ip)
            return ++sources[i].times;
    int free = next++ % SOURCES;
    sources[free].ip = ip;
    return sources[free].times = 1;
}

static void show(ssize_t length, struct in_addr from)
{
    uint32_t sum;
    uint64_t sent;
    struct in_addr says;
    memcpy(&sum, data, 4), memcpy(&sent, data + 4, 8), memcpy(&says, data + 12, 4);
    if (length < 18 || ntohl(sum) != adler32(data + 4, length - 4) || !is_utf8(data + 18, length - 18)) {
        fprintf(stderr, "a bad datagram was left out\n");
        return;
    }
    fwrite(data + 18, 1, length - 18, stdout);
    printf("\n%lld seconds ago, ", (long long)(time(NULL) - (int64_t)be64toh(sent)));
    printf("from %s, ", inet_ntoa(from));
    printf("who says %s, %lu in all\n", inet_ntoa(says), count(from.s_addr));
    fflush(stdout);
}

static void send_to(int s, struct sockaddr_in *peer, uint16_t port)
{
    static const char quote[] = "\"It always seems impossible until it's done\" - Nelson Mandela";
    unsigned char out[18 + sizeof quote];
    uint64_t sent = htobe64(time(NULL));
    uint32_t ip = htonl(INADDR_LOOPBACK), length = 18 + strlen(quote);
    memcpy(out + 4, &sent, 8), memcpy(out + 12, &ip, 4), memcpy(out + 16, &port, 2);
    memcpy(out + 18, quote, strlen(quote));
    uint32_t sum = htonl(adler32(out + 4, length - 4));
    memcpy(out, &sum, 4);
    sendto(s, out, length, 0, (struct sockaddr *)peer, sizeof *peer);
}

int main(int argc, char **argv)
{
    struct sockaddr_in me = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in peer = {.sin_family = AF_INET}, from;
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    me.sin_port = htons(argc > 1 ? atoi(argv[1]) : 5005);
    if (argc > 3) {
        peer.sin_addr.s_addr = inet_addr(argv[2]);
        peer.sin_port = htons(atoi(argv[3]));
    }
    if (bind(s, (struct sockaddr *)&me, sizeof me)) {
        perror("mandela: bind");
        return 1;
    }
    for (long due = now() + 2000;;) {
        struct pollfd some = {s, POLLIN, 0};
        long left = argc > 3 ? due - now() : -1;
        if (argc > 3 && left <= 0) {
            send_to(s, &peer, me.sin_port);
            due = now() > due + 2000 ? now() + 2000 : due + 2000;
            continue;
        }
        if (poll(&some, 1, left) <= 0)
            continue;
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(s, data, sizeof data, 0, (struct sockaddr *)&from, &size);
        if (length >= 0)
            show(length, from.sin_addr);
    }
}
