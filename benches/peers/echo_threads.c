/* echo_threads: a plain echo server, a thread for each client, with a buffer of 4 KiB.
 *
 * The peer of echo_server in the benchmarks. Like echo_server it prints a line for each client,
 * and sends the line on at once. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *attempt) {
    perror(attempt);
    exit(1);
}

static void *echo(void *argument) {
    int client = (int)(intptr_t)argument;
    char buffer[4096];
    ssize_t length;
    while ((length = read(client, buffer, sizeof buffer)) > 0) {
        for (ssize_t sent = 0; sent < length;) {
            ssize_t taken = write(client, buffer + sent, length - sent);
            if (taken < 0) goto end;
            sent += taken;
        }
    }
end:
    close(client);
    return NULL;
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0) die("socket");
    int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) < 0) die("bind");
    if (listen(listener, 1024) < 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("The C echo server is ready on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);

    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    for (;;) {
        struct sockaddr_in peer;
        socklen_t peer_size = sizeof peer;
        int client = accept(listener, (struct sockaddr *)&peer, &peer_size);
        if (client < 0) continue;
        char ip[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);
        printf("Connected with %s:%d\n", ip, ntohs(peer.sin_port));
        fflush(stdout);
        pthread_t thread;
        if (pthread_create(&thread, &detached, echo, (void *)(intptr_t)client) != 0) close(client);
    }
}
