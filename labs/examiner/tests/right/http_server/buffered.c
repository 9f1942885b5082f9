#define _GNU_SOURCE
// A process for each client. Port and folder are in the program: 8080 and its working folder. What
// it prints is held back when it is not at a terminal.
#include <arpa/inet.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>
#include <unistd.h>

#define MOST 32768

static char root[PATH_MAX];

static int send_all(int s, const char *bytes, size_t length)
{
    for (ssize_t n; length > 0; bytes += n, length -= n)
        if ((n = write(s, bytes, length)) <= 0)
            return -1;
    return 0;
}

static void decode(char *path)
{
    char *to = path;
    for (; *path; path++, to++) {
        char hex[3] = {0};
        if (*path == '%' && path[1] && path[2]) {
            memcpy(hex, path + 1, 2);
            path += 2;
        }
        *to = *hex ? (char)strtol(hex, NULL, 16) : *path;
    }
    *to = 0;
}

// The status of the answer; the file to send where it is 200.
static int understand(char *head, FILE **file, const char **kind)
{
    char method[16], target[4096], version[16], wanted[8192], real[PATH_MAX];
    char *end = strstr(head, "\r\n");
    *end = 0;
    if (sscanf(head, "%15s %4095s %15s", method, target, version) != 3 ||
        strncmp(version, "HTTP/1.", 7))
        return 400;
    if (!strcmp(version, "HTTP/1.1") && !strcasestr(end + 2, "host:"))
        return 400;
    if (strcmp(method, "GET") && strcmp(method, "HEAD"))
        return 405;
    target[strcspn(target, "?")] = 0;
    decode(target);
    snprintf(wanted, sizeof wanted, "%s/%s", root, strcmp(target, "/") ? target : "index.html");
    if (!realpath(wanted, real) || strncmp(real, root, strlen(root)) || real[strlen(root)] != '/')
        return 404;
    char *dot = strrchr(real, '.');
    *kind = dot && !strcmp(dot, ".html") ? "text/html" : "text/plain";
    return (*file = fopen(real, "rb")) ? 200 : 404;
}

static void serve(int s)
{
    static char head[MOST + 1], buffer[65536];
    size_t length = 0;
    int status = 0;
    while (!strstr(head, "\r\n\r\n") && !status) {
        ssize_t n = read(s, head + length, MOST - length);
        if (n <= 0 && length == 0)
            return;
        if (n <= 0)
            status = n ? 408 : 400;
        else if ((length += n) == MOST)
            status = 431;
        else if (memchr(head, 0, length))
            status = 400;
    }
    FILE *file = NULL;
    const char *kind = "text/plain";
    int is_head = !strncmp(head, "HEAD ", 5);
    if (!status)
        status = understand(head, &file, &kind);
    long size = 0;
    if (file) {
        fseek(file, 0, SEEK_END);
        size = ftell(file);
        rewind(file);
    }
    int n = snprintf(buffer, sizeof buffer,
                     "HTTP/1.1 %d Status\r\nContent-Type: %s\r\nContent-Length: %ld\r\n"
                     "Connection: close\r\n\r\n", status, kind, size);
    int failed = send_all(s, buffer, n);
    while (file && !is_head && !failed && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
        failed = send_all(s, buffer, n);
    shutdown(s, SHUT_WR);
    while (read(s, buffer, sizeof buffer) > 0)
        ;
    printf("%d, %ld bytes\n", status, size);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
    struct timeval patience = {.tv_sec = 20};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1, client;
    if (!realpath(".", root))
        return 1;
    signal(SIGCHLD, SIG_IGN); // no zombies
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128)) {
        perror("port 8080");
        return 1;
    }
    printf("ready\n");
    fflush(stdout); // so that no child prints it again
    while ((client = accept(listener, NULL, NULL)) >= 0) {
        if (fork() == 0) {
            setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            serve(client);
            return 0;
        }
        close(client);
    }
    return 1;
}
