// One poll() for the keyboard and the socket; fwrite() holds back what is no line.
//: run {file} {options} {host} {port}
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static char buffer[65536], doubled[2 * 65536];

static void die(const char *what) {
    perror(what);
    exit(1);
}

// Sends all of it, with CR LF for LF where that is asked for.
static void put(int s, const char *data, size_t length, int crlf) {
    if (crlf) {
        size_t made = 0;
        for (size_t i = 0; i < length; i++) {
            if (data[i] == '\n')
                doubled[made++] = '\r';
            doubled[made++] = data[i];
        }
        data = doubled;
        length = made;
    }
    while (length > 0) {
        ssize_t sent = send(s, data, length, MSG_NOSIGNAL);
        if (sent < 0)
            die("send");
        data += sent;
        length -= sent;
    }
}

static void set_timeout(int s, int seconds) {
    struct timeval wait = {.tv_sec = seconds};
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
}

static int reach(struct addrinfo *all, int listening, int udp) {
    for (struct addrinfo *a = all; a; a = a->ai_next) {
        int s = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (listening) {
            int one = 1;
            setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
            if (bind(s, a->ai_addr, a->ai_addrlen) < 0)
                die("bind");
            if (udp) {
                struct sockaddr_storage peer;
                socklen_t size = sizeof peer;
                recvfrom(s, buffer, 1, MSG_PEEK, (struct sockaddr *)&peer, &size);
                connect(s, (struct sockaddr *)&peer, size);
                return s;
            }
            if (listen(s, 1) < 0)
                die("listen");
            return accept(s, NULL, NULL);
        }
        set_timeout(s, 1);
        if (connect(s, a->ai_addr, a->ai_addrlen) == 0) {
            set_timeout(s, 0);
            return s;
        }
        int error = errno;
        close(s);
        errno = error;
    }
    die("connect");
    return -1;
}

int main(int argc, char **argv) {
    int listening = 0, udp = 0, crlf = 0, option;
    while ((option = getopt(argc, argv, "luC")) != -1) {
        listening |= option == 'l';
        udp |= option == 'u';
        crlf |= option == 'C';
    }
    const char *host = argc - optind > 1 ? argv[optind] : "127.0.0.1";
    struct addrinfo hints = {.ai_socktype = udp ? SOCK_DGRAM : SOCK_STREAM}, *found;
    int error = getaddrinfo(host, argv[argc - 1], &hints, &found);
    if (error) {
        fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
        return 1;
    }
    int s = reach(found, listening, udp);
    struct pollfd ready[] = {{.fd = 0, .events = POLLIN}, {.fd = s, .events = POLLIN}};
    while (poll(ready, 2, -1) > 0) {
        if (ready[0].revents) {
            ssize_t length = read(0, buffer, sizeof buffer);
            if (length <= 0) {
                ready[0].fd = -1; // poll() looks at it no more
                if (!udp)
                    shutdown(s, SHUT_WR);
            }
            for (char *line = buffer; udp && line < buffer + length;) {
                char *end = memchr(line, '\n', buffer + length - line);
                end = end ? end + 1 : buffer + length;
                put(s, line, end - line, crlf);
                line = end;
            }
            if (!udp && length > 0)
                put(s, buffer, length, crlf);
        }
        if (ready[1].revents) {
            ssize_t length = recv(s, buffer, sizeof buffer, 0);
            if (length < 0)
                die("recv");
            if (length == 0 && !udp)
                return 0;
            fwrite(buffer, 1, length, stdout);
        }
    }
    return 0;
}
