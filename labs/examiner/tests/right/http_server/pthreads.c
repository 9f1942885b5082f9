// A detached thread for each client; everything is answered with Connection: close.
//: run {file} {port} {root}
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { LONGEST = 16384 };
static char root[PATH_MAX];

static int put(int s, const void *data, size_t length)
{
    const char *bytes = data;
    while (length > 0) {
        ssize_t n = send(s, bytes, length, MSG_NOSIGNAL);
        if (n <= 0)
            return -1;
        bytes += n, length -= n;
    }
    return 0;
}

static int decode(char *text)
{
    char *to = text;
    unsigned value;
    for (; *text; text++) {
        if (*text == '%' && sscanf(text + 1, "%2x", &value) == 1) {
            *to++ = (char)value, text += 2;
            if (value == 0)
                return -1;
        } else {
            *to++ = *text;
        }
    }
    *to = 0;
    return 0;
}

// Reads a head. Returns 0, or the status of a refusal; -1 where the client has left.
static int receive(int s, char *head)
{
    size_t length = 0;
    for (;;) {
        ssize_t n = recv(s, head + length, LONGEST - length, 0);
        if (n < 0)
            return errno == EAGAIN ? 408 : -1;
        if (n == 0)
            return -1;
        length += n;
        head[length] = 0;
        if (memmem(head, length, "\r\n\r\n", 4))
            return memchr(head, 0, length) ? 400 : 0;
        if (length == LONGEST)
            return 431;
    }
}

static int find(char *head, char *path)
{
    char method[16], target[2000], version[16], wanted[PATH_MAX + 2100];
    if (sscanf(head, "%15[^ \r] %1999[^ \r] %15[^ \r\n]", method, target, version) != 3 ||
        strncmp(version, "HTTP/1.", 7))
        return 400;
    if (!strcmp(version, "HTTP/1.1") && !strcasestr(head, "\r\nhost:"))
        return 400;
    if (strcmp(method, "GET") && strcmp(method, "HEAD"))
        return 405;
    target[strcspn(target, "?")] = 0;
    if (decode(target))
        return 404;
    struct stat info;
    snprintf(wanted, sizeof wanted, "%s/%s", root, target);
    if (!stat(wanted, &info) && S_ISDIR(info.st_mode))
        strcat(wanted, "/index.html");
    if (!realpath(wanted, path) || strncmp(path, root, strlen(root)) || path[strlen(root)] != '/')
        return 404;
    return stat(path, &info) || !S_ISREG(info.st_mode) ? 404 : 200;
}

static void *serve(void *argument)
{
    int s = (int)(intptr_t)argument;
    char *head = calloc(1, LONGEST + 1), path[PATH_MAX], buffer[65536];
    int status = receive(s, head);
    if (status >= 0) {
        int is_head = !strncmp(head, "HEAD ", 5);
        if (status == 0)
            status = find(head, path);
        FILE *file = status == 200 ? fopen(path, "rb") : NULL;
        struct stat info = {0};
        if (file)
            fstat(fileno(file), &info);
        const char *end = file ? strrchr(path, '.') : ".txt";
        const char *kind = end && !strcmp(end, ".html") ? "text/html" : end && !strcmp(end, ".txt") ? "text/plain" : "application/octet-stream";
        int n = snprintf(buffer, sizeof buffer,
                         "HTTP/1.1 %d Status\r\nContent-Type: %s\r\nContent-Length: %lld\r\nConnection: close\r\n\r\n",
                         status, kind, (long long)info.st_size);
        int gone = put(s, buffer, n);
        while (file && !is_head && !gone && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
            gone = put(s, buffer, n);
        if (file)
            fclose(file);
        shutdown(s, SHUT_WR);
        while (recv(s, buffer, sizeof buffer, 0) > 0)
            ;
    }
    free(head);
    close(s);
    return NULL;
}

int main(int argc, char **argv)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 8080)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct timeval idle = {.tv_sec = 10};
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!realpath(argc > 2 ? argv[2] : ".", root) ||
        bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 100)) {
        perror("http_server");
        return 1;
    }
    for (;;) {
        pthread_t thread;
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
        if (pthread_create(&thread, &detached, serve, (void *)(intptr_t)client))
            close(client);
    }
}
