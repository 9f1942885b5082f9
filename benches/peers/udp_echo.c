/* udp_echo: recvfrom() and sendto() in a loop.
 *
 * The peer of udp_echo_server in the benchmarks. Ctrl-C prints how many datagrams went back. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile unsigned long echoes;

static void summary(int signal) {
    (void)signal;
    char line[64];
    int length = snprintf(line, sizeof line, "Datagrams sent back: %lu\n", echoes);
    _exit(write(1, line, length) == length ? 0 : 1);
}

static void die(const char *attempt) {
    perror(attempt);
    exit(1);
}

int main(void) {
    static char buffer[65527];
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    if (server < 0) die("socket");
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(server, (struct sockaddr *)&address, size) < 0) die("bind");
    getsockname(server, (struct sockaddr *)&address, &size);
    signal(SIGINT, summary);
    printf("The C echo server is ready on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);

    for (;;) {
        struct sockaddr_in client;
        socklen_t client_size = sizeof client;
        ssize_t length =
            recvfrom(server, buffer, sizeof buffer, 0, (struct sockaddr *)&client, &client_size);
        if (length < 0) continue;
        if (sendto(server, buffer, length, 0, (struct sockaddr *)&client, client_size) == length)
            echoes++;
    }
}
