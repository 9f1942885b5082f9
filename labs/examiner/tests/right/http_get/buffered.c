// The page is in the program: the front page of www.google.com. Output is held back until the end.
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

static const char request[] =
    "GET / HTTP/1.1\r\nHost: www.google.com\r\nConnection: close\r\n\r\n";

static void fail(const char *why)
{
    fprintf(stderr, "http://www.google.com/: %s\n", why);
    exit(1);
}

static FILE *connected(void)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found, *next;
    if (getaddrinfo("www.google.com", "80", &hints, &found))
        fail("the name is unknown");
    for (next = found; next; next = next->ai_next) {
        int s = socket(next->ai_family, SOCK_STREAM, 0);
        struct timeval second = {.tv_sec = 1};
        setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
        if (connect(s, next->ai_addr, next->ai_addrlen) == 0) {
            if (send(s, request, strlen(request), MSG_NOSIGNAL) < 0)
                fail("cannot send");
            return fdopen(s, "r");
        }
    }
    fail("nobody answers");
    return NULL;
}

static char *line_of(FILE *in)
{
    static char *line;
    static size_t room;
    ssize_t length = getline(&line, &room, in);
    if (length < 1 || line[length - 1] != '\n')
        fail("the answer is cut short");
    line[strcspn(line, "\r\n")] = 0;
    return line;
}

static void copy(FILE *in, long length)
{
    for (int c; length > 0; length--) {
        if ((c = getc(in)) == EOF)
            fail("the page is cut short");
        putchar(c);
    }
}

int main(void)
{
    FILE *in = connected();
    int status = 100, chunked = 0;
    long length = -1;
    while (status < 200) {
        if (sscanf(line_of(in), "HTTP/1.%*d %d", &status) != 1)
            fail("this is not a web server");
        for (char *line; *(line = line_of(in));) {
            if (strncasecmp(line, "Content-Length:", 15) == 0)
                length = atol(line + 15);
            if (strncasecmp(line, "Transfer-Encoding: chunked", 26) == 0)
                chunked = 1;
        }
    }
    if (status == 204)
        return 0;
    if (chunked) {
        for (long size; (size = strtol(line_of(in), NULL, 16)) > 0; line_of(in))
            copy(in, size);
        while (*line_of(in))
            ;
    } else if (length >= 0) {
        copy(in, length);
    } else {
        for (int c; (c = getc(in)) != EOF;)
            putchar(c);
    }
    return 0;
}
