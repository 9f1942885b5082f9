// One select() for the keyboard and the socket; what was typed waits until the socket takes it.
//: run {file} {options} {host} {port}
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static char typed[8192], keys[2 * 8192], net[65536];

static void quit(const char *host, const char *why)
{
    fprintf(stderr, "netcat: %s: %s\n", host, why);
    exit(1);
}

// A socket that has a peer: the server's, or the first client's.
static int open_socket(const char *host, const char *port, int kind, int listens)
{
    struct addrinfo hints = {.ai_socktype = kind}, *found;
    struct timeval some = {.tv_sec = 3}, none = {0};
    int error = getaddrinfo(host, port, &hints, &found), yes = 1;
    if (error)
        quit(host, gai_strerror(error));
    for (struct addrinfo *one = found; one; one = one->ai_next) {
        int s = socket(one->ai_family, kind, 0);
        if (listens) {
            struct sockaddr_storage peer;
            socklen_t size = sizeof peer;
            setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
            if (bind(s, one->ai_addr, one->ai_addrlen) || (kind == SOCK_STREAM && listen(s, 1)))
                quit(port, strerror(errno));
            if (kind == SOCK_STREAM)
                return accept(s, NULL, NULL);
            recvfrom(s, net, 1, MSG_PEEK, (struct sockaddr *)&peer, &size);
            connect(s, (struct sockaddr *)&peer, size);
            return s;
        }
        setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &some, sizeof some);
        if (connect(s, one->ai_addr, one->ai_addrlen) == 0) {
            setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none);
            return s;
        }
        error = errno;
        close(s);
    }
    quit(host, error == EINPROGRESS ? "no answer" : strerror(error));
    return -1;
}

int main(int argc, char **argv)
{
    int listens = 0, udp = 0, crlf = 0, reading = 1;
    for (int option; (option = getopt(argc, argv, "luC")) != -1;) {
        listens |= option == 'l';
        udp |= option == 'u';
        crlf |= option == 'C';
    }
    if (optind == argc)
        quit("usage", "netcat [-l] [-u] [-C] [HOST] PORT");
    const char *host = argc - optind > 1 ? argv[optind] : "127.0.0.1";
    int s = open_socket(host, argv[argc - 1], udp ? SOCK_DGRAM : SOCK_STREAM, listens);
    ssize_t waiting = 0, first = 0; // what was typed and is not sent yet
    for (;;) {
        fd_set in, out;
        FD_ZERO(&in);
        FD_ZERO(&out);
        FD_SET(s, &in);
        if (waiting > 0)
            FD_SET(s, &out);
        else if (reading)
            FD_SET(0, &in);
        if (select(s + 1, &in, &out, NULL, NULL) < 0)
            quit("select", strerror(errno));
        if (FD_ISSET(0, &in)) {
            ssize_t n = read(0, typed, sizeof typed);
            waiting = first = 0;
            for (ssize_t i = 0; i < n; i++) {
                if (crlf && typed[i] == '\n')
                    keys[waiting++] = '\r';
                keys[waiting++] = typed[i];
            }
            if (n <= 0) {
                reading = 0;
                if (!udp)
                    shutdown(s, SHUT_WR);
            }
        }
        if (FD_ISSET(s, &out)) {
            char *end = udp ? memchr(keys + first, '\n', waiting) : NULL; // a datagram is a line
            ssize_t length = end ? end + 1 - (keys + first) : waiting;
            ssize_t n = send(s, keys + first, length, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && errno != EAGAIN)
                quit(host, strerror(errno));
            if (n > 0)
                first += n, waiting -= n;
        }
        if (FD_ISSET(s, &in)) {
            ssize_t n = recv(s, net, sizeof net, 0);
            if (n < 0)
                quit(host, strerror(errno));
            if (n == 0 && !udp)
                return 0;
            for (ssize_t done = 0, w; done < n; done += w)
                if ((w = write(1, net + done, n - done)) <= 0)
                    return 0;
        }
    }
}
