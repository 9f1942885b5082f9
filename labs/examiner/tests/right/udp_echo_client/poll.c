// Where the datagram came from is compared by hand; poll() waits for the rest of the time.
//: run {file} -h {host} -p {port} -t {timeout}
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char message[70000], echo[65536];

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1", *port = "65432";
    double seconds = 5;
    for (int option; (option = getopt(argc, argv, "h:p:t:")) != -1;) {
        if (option == 'h')
            host = optarg;
        else if (option == 'p')
            port = optarg;
        else if (option == 't')
            seconds = atof(optarg);
        else
            return 2;
    }
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *server;
    int error = getaddrinfo(host, port, &hints, &server);
    if (error) {
        fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
        return 1;
    }
    printf("Message: ");
    fflush(stdout);
    if (!fgets(message, sizeof message, stdin))
        return 1;
    message[strcspn(message, "\n")] = 0;
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in *asked = (struct sockaddr_in *)server->ai_addr, from;
    if (sendto(s, message, strlen(message), 0, server->ai_addr, server->ai_addrlen) < 0) {
        perror("sendto");
        return 1;
    }
    for (long end = now() + seconds * 1000;;) {
        struct pollfd ready = {s, POLLIN, 0};
        long left = end - now();
        if (left <= 0 || poll(&ready, 1, left) <= 0)
            break;
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(s, echo, sizeof echo, 0, (struct sockaddr *)&from, &size);
        if (n < 0) {
            perror("recvfrom");
            return 1;
        }
        if (from.sin_port != asked->sin_port || from.sin_addr.s_addr != asked->sin_addr.s_addr)
            continue;
        printf("Received: ");
        fwrite(echo, 1, n, stdout);
        printf("\n");
        return 0;
    }
    fprintf(stderr, "no echo within %g s\n", seconds);
    return 1;
}
