// Fields are put at their offsets by a small function; the clock is read with gettimeofday().
//: run {file} {port} {skew}
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

static double skew;

static void put(unsigned char *at, unsigned long value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        at[i] = value & 255;
}

static void put_clock(unsigned char *at)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    long long micros = now.tv_sec * 1000000LL + now.tv_usec + (long long)(skew * 1e6);
    put(at, micros / 1000000 + 2208988800UL);
    put(at + 4, (unsigned long)(micros % 1000000 * 4294.967296));
}

int main(int argc, char **argv)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    a.sin_port = htons(argc > 1 ? atoi(argv[1]) : 11123);
    skew = argc > 2 ? strtod(argv[2], NULL) : 2.5;
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(s, (struct sockaddr *)&a, sizeof a)) {
        perror("ntp_server");
        return 1;
    }
    for (;;) {
        unsigned char ask[2048], answer[48];
        socklen_t size = sizeof a;
        ssize_t n = recvfrom(s, ask, sizeof ask, 0, (struct sockaddr *)&a, &size);
        if (n < 48 || (ask[0] & 7) != 3)
            continue;
        memset(answer, 0, sizeof answer);
        put_clock(answer + 32);
        answer[0] = (ask[0] & 070) | 4;
        answer[1] = 4;
        answer[2] = ask[2];
        answer[3] = (unsigned char)-20;
        put(answer + 12, 0x7f000001);
        memcpy(answer + 24, ask + 40, 8);
        put_clock(answer + 40);
        sendto(s, answer, 48, 0, (struct sockaddr *)&a, size);
    }
}
