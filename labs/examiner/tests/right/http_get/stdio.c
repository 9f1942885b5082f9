// fdopen() makes a stream of the socket: getline() for lines, fread() for blocks. Only {url}.
//: run {file} {url}
#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static FILE *in;
static char *line;
static size_t room;

static void quit(const char *why)
{
    fprintf(stderr, "http_get: %s\n", why);
    exit(1);
}

static void next_line(void)
{
    if (getline(&line, &room, in) < 0 || !strchr(line, '\n'))
        quit("the answer ended too early, or took too long");
    line[strcspn(line, "\r\n")] = 0;
}

static void copy(long size)
{
    static char buffer[16384];
    while (size > 0) {
        size_t n = fread(buffer, 1, size < (long)sizeof buffer ? (size_t)size : sizeof buffer, in);
        if (n == 0)
            quit("the page is cut short");
        fwrite(buffer, 1, n, stdout);
        size -= n;
    }
}

static int reach(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all;
    struct timeval most = {.tv_sec = 4};
    int error = getaddrinfo(host, port, &hints, &all);
    if (error)
        quit(gai_strerror(error));
    for (; all; all = all->ai_next) {
        int s = socket(all->ai_family, all->ai_socktype, 0);
        setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
        setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
        if (connect(s, all->ai_addr, all->ai_addrlen) == 0)
            return s;
        close(s);
    }
    quit("no address of the host answers");
    return -1;
}

int main(int argc, char **argv)
{
    char host[256], port[6] = "80", path[2048] = "/", authority[256];
    if (argc != 2 || strncmp(argv[1], "http://", 7))
        quit("I speak plain http only: http_get http://HOST[:PORT]/PATH");
    sscanf(argv[1] + 7, "%255[^/]%2047[^#]", authority, path);
    if (sscanf(authority, "%255[^:]:%5s", host, port) < 1)
        quit("which host?");
    int s = reach(host, port);
    dprintf(s, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, authority);
    in = fdopen(s, "rb");
    int status, chunked;
    long length;
    do {
        chunked = 0, length = -1;
        next_line();
        if (sscanf(line, "HTTP/1.%*d %d", &status) != 1)
            quit("this is no HTTP");
        for (next_line(); *line; next_line()) {
            if (!strncasecmp(line, "Content-Length:", 15))
                length = atol(line + 15);
            if (!strncasecmp(line, "Transfer-Encoding:", 18))
                chunked = strcasestr(line, "chunked") != NULL;
        }
    } while (status < 200);
    if (status == 204 || status == 304)
        return 0;
    if (chunked) {
        for (;;) {
            next_line();
            long size = strtol(line, NULL, 16);
            if (size == 0)
                break;
            copy(size);
            next_line();
        }
        do
            next_line();
        while (*line);
    } else if (length >= 0) {
        copy(length);
    } else {
        for (int c; (c = getc(in)) != EOF;)
            putchar(c);
        if (ferror(in))
            quit("the page broke off");
    }
    return 0;
}
