// Port, peer and quote are those of the lab. One thread sends and one receives; printf holds back
// what it prints where there is no terminal.
#include <arpa/inet.h>
#include <errno.h>
#include <endian.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 18, LARGEST = 65507, SOURCES = 256 };

static const char QUOTE[] = "\"It always seems impossible until it's done\" - Nelson Mandela";
static int sock;

static uint32_t adler32(const uint8_t *data, size_t length)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < length; i++) {
        a = (a + data[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static void *send_for_ever(void *unused)
{
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(5006)};
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    uint8_t packet[HEADER + sizeof QUOTE - 1];
    for (;; sleep(2)) {
        uint64_t now = htobe64((uint64_t)time(NULL));
        uint32_t address = htonl(INADDR_LOOPBACK);
        uint16_t port = htons(5005);
        memcpy(packet + 4, &now, 8);
        memcpy(packet + 12, &address, 4);
        memcpy(packet + 16, &port, 2);
        memcpy(packet + HEADER, QUOTE, sizeof QUOTE - 1);
        uint32_t checksum = htonl(adler32(packet + 4, sizeof packet - 4));
        memcpy(packet, &checksum, 4);
        if (sendto(sock, packet, sizeof packet, 0, (struct sockaddr *)&peer, sizeof peer) < 0)
            perror("sendto");
    }
    return unused;
}

static int is_utf8(const uint8_t *s, size_t length)
{
    for (size_t i = 0; i < length;) {
        int more = s[i] < 0x80 ? 0 : s[i] < 0xc2 ? -1 : s[i] < 0xe0 ? 1 : s[i] < 0xf0 ? 2 : s[i] < 0xf5 ? 3 : -1;
        if (more < 0 || i + more >= length)
            return 0;
        if ((s[i] == 0xe0 && s[i + 1] < 0xa0) || (s[i] == 0xed && s[i + 1] > 0x9f) ||
            (s[i] == 0xf0 && s[i + 1] < 0x90) || (s[i] == 0xf4 && s[i + 1] > 0x8f))
            return 0;
        for (i++; more > 0; more--, i++)
            if ((s[i] & 0xc0) != 0x80)
                return 0;
    }
    return 1;
}

static unsigned count(in_addr_t source)
{
    static struct { in_addr_t source; unsigned times; } table[SOURCES];
    static int used;
    for (int i = 0; i < used; i++)
        if (table[i].source == source)
            return ++table[i].times;
    int place = used < SOURCES ? used++ : 0;
    table[place].source = source;
    return table[place].times = 1;
}

static void show(const uint8_t *packet, size_t length, struct in_addr source)
{
    if (length < HEADER) {
        fprintf(stderr, "too short: %zu bytes\n", length);
        return;
    }
    uint32_t checksum;
    uint64_t sent;
    struct in_addr claimed;
    memcpy(&checksum, packet, 4);
    memcpy(&sent, packet + 4, 8);
    memcpy(&claimed, packet + 12, 4);
    if (ntohl(checksum) != adler32(packet + 4, length - 4)) {
        fprintf(stderr, "wrong checksum\n");
        return;
    }
    if (!is_utf8(packet + HEADER, length - HEADER)) {
        fprintf(stderr, "not UTF-8\n");
        return;
    }
    printf("%u. from %s", count(source.s_addr), inet_ntoa(source));
    if (claimed.s_addr != source.s_addr)
        printf(", who says %s", inet_ntoa(claimed));
    printf(", %+.0f s: ", (double)time(NULL) - (double)be64toh(sent));
    fwrite(packet + HEADER, 1, length - HEADER, stdout);
    printf("\n");
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(5005)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(sock, (struct sockaddr *)&address, sizeof address)) {
        perror("bind to 127.0.0.1:5005");
        return 1;
    }
    pthread_t sender;
    pthread_create(&sender, NULL, send_for_ever, NULL);
    static uint8_t packet[LARGEST];
    for (;;) {
        struct sockaddr_in source;
        socklen_t size = sizeof source;
        ssize_t length = recvfrom(sock, packet, sizeof packet, 0, (struct sockaddr *)&source, &size);
        if (length >= 0)
            show(packet, (size_t)length, source.sin_addr);
        else if (errno != EINTR)
            perror("recvfrom");
    }
}
