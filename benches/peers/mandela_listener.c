/* mandela_listener: receives the datagrams of lab 7, verifies them, counts their sources.
 *
 * The peer of mandela in the benchmarks: it refuses the same datagrams (too short, wrong checksum,
 * not UTF-8), keeps a table of sources, and with the argument "print" prints what mandela prints.
 * Ctrl-C prints how many there were. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 18, SLOTS = 2048 };

static volatile unsigned long good, bad;
static struct { uint32_t address; unsigned long times; } sources[SLOTS];

static void summary(int signal) {
    (void)signal;
    char line[96];
    int length = snprintf(line, sizeof line, "Datagrams sent: 0, received: %lu good, %lu bad\n",
                          good, bad);
    _exit(write(1, line, length) == length ? 0 : 1);
}

static void die(const char *attempt) {
    perror(attempt);
    exit(1);
}

/* RFC 1950, section 8.2. 5552 is the most bytes after which neither sum has overflowed. */
static uint32_t adler32(const unsigned char *bytes, size_t length) {
    uint32_t a = 1, b = 0;
    while (length > 0) {
        size_t part = length < 5552 ? length : 5552;
        length -= part;
        while (part-- > 0) {
            a += *bytes++;
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    return b << 16 | a;
}

/* RFC 3629, section 4. */
static int is_utf8(const unsigned char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        unsigned char first = text[i++];
        if (first < 0x80) continue;
        unsigned char low = 0x80, high = 0xbf;
        int more;
        if (first >= 0xc2 && first <= 0xdf) more = 1;
        else if (first >= 0xe0 && first <= 0xef) more = 2;
        else if (first >= 0xf0 && first <= 0xf4) more = 3;
        else return 0;
        if (first == 0xe0) low = 0xa0;
        if (first == 0xed) high = 0x9f;
        if (first == 0xf0) low = 0x90;
        if (first == 0xf4) high = 0x8f;
        for (; more > 0; more--) {
            if (i == length || text[i] < low || text[i] > high) return 0;
            i++;
            low = 0x80, high = 0xbf;
        }
    }
    return 1;
}

/* Open addressing; the benchmark has few sources, so that the table never fills. */
static unsigned long count(uint32_t address) {
    size_t slot = address * 2654435761u % SLOTS;
    while (sources[slot].times > 0 && sources[slot].address != address) slot = (slot + 1) % SLOTS;
    sources[slot].address = address;
    return ++sources[slot].times;
}

/* Control characters must not reach the terminal. */
static void print_quote(const unsigned char *quote, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (quote[i] < 0x20 || quote[i] == 0x7f) printf("\\x%02x", quote[i]);
        else putchar_unlocked(quote[i]);
    }
}

static uint64_t number(const unsigned char *bytes, int length) {
    uint64_t value = 0;
    while (length-- > 0) value = value << 8 | *bytes++;
    return value;
}

int main(int argc, char **argv) {
    int print = argc > 1 && strcmp(argv[1], "print") == 0;
    static unsigned char buffer[65507];
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    if (server < 0) die("socket");
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(server, (struct sockaddr *)&address, size) < 0) die("bind");
    getsockname(server, (struct sockaddr *)&address, &size);
    signal(SIGINT, summary);
    printf("Listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);

    for (;;) {
        struct sockaddr_in from;
        socklen_t from_size = sizeof from;
        ssize_t length =
            recvfrom(server, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &from_size);
        if (length < HEADER || number(buffer, 4) != adler32(buffer + 4, length - 4)
            || !is_utf8(buffer + HEADER, length - HEADER)) {
            bad++;
            continue;
        }
        good++;
        unsigned long times = count(from.sin_addr.s_addr);
        if (!print) continue;
        char source[INET_ADDRSTRLEN], claimed[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &from.sin_addr, source, sizeof source);
        print_quote(buffer + HEADER, length - HEADER);
        printf("\n  sent %lld s ago from %s", (long long)(time(NULL) - number(buffer + 4, 8)), source);
        if (memcmp(&from.sin_addr, buffer + 12, 4) != 0)
            printf(" (it says %s)", inet_ntop(AF_INET, buffer + 12, claimed, sizeof claimed));
        printf(", datagram %lu from there\n", times);
        fflush(stdout);
    }
}
