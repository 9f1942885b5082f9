/* echo_load: many clients of an echo server, in one thread.
 *
 *     echo_load PORT CLIENTS SECONDS
 *
 * Each client sends 64 bytes, waits until all of them have come back, and sends the next. epoll
 * tells which answers have come. Prints how many came in a second. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64, EVENTS = 1024 };

static void die(const char *attempt) {
    perror(attempt);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void ask(int client, const char *message) {
    if (send(client, message, SIZE, MSG_NOSIGNAL) != SIZE) die("send");
}

static void take_answer(int client, const char *message) {
    char answer[SIZE];
    if (recv(client, answer, SIZE, MSG_WAITALL) != SIZE) die("receive the answer");
    if (memcmp(answer, message, SIZE) != 0) {
        fprintf(stderr, "the echo is not what was sent\n");
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int clients = atoi(argv[2]);
    double seconds = atof(argv[3]);
    char message[SIZE];
    memset(message, 'm', SIZE);

    int ready = epoll_create1(0), one = 1;
    struct sockaddr_in server = {.sin_family = AF_INET,
                                 .sin_port = htons(atoi(argv[1])),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < clients; i++) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        if (client < 0) die("socket");
        if (connect(client, (struct sockaddr *)&server, sizeof server) < 0) die("connect");
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        ask(client, message); /* the first answer: now its thread runs */
        take_answer(client, message);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = client};
        if (epoll_ctl(ready, EPOLL_CTL_ADD, client, &event) < 0) die("epoll_ctl");
        ask(client, message);
    }

    static struct epoll_event events[EVENTS];
    long answers = 0;
    double start = now(), end = start;
    while (end - start < seconds) {
        int number = epoll_wait(ready, events, EVENTS, 10000);
        if (number <= 0) die("wait for an answer");
        for (int i = 0; i < number; i++) {
            take_answer(events[i].data.fd, message);
            ask(events[i].data.fd, message);
        }
        answers += number;
        end = now();
    }
    printf("%.0f\n", answers / (end - start));
    return 0;
}
