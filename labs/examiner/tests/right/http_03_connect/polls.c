// A connect() that does not block, and poll() with a timeout.
//: run {file} {host} {port} {timeout}
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *host, const char *why)
{
    fprintf(stderr, "error: %s: %s\n", host, why);
    return 1;
}

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : "www.google.com";
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *site;
    int error = getaddrinfo(host, argc > 2 ? argv[2] : "80", &hints, &site);
    if (error)
        return fail(host, gai_strerror(error));
    int s = socket(AF_INET, SOCK_STREAM, 0);
    fcntl(s, F_SETFL, O_NONBLOCK);
    struct pollfd done = {s, POLLOUT, 0};
    socklen_t size = sizeof error;
    if (connect(s, site->ai_addr, site->ai_addrlen) && errno != EINPROGRESS)
        return fail(host, strerror(errno));
    if (poll(&done, 1, (argc > 3 ? atof(argv[3]) : 5) * 1000) == 0)
        return fail(host, "nobody answers");
    if (getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &size) || error)
        return fail(host, strerror(error));
    struct sockaddr_in *ip = (struct sockaddr_in *)site->ai_addr;
    printf("Socket connected to %s on ip %s\n", host, inet_ntoa(ip->sin_addr));
    close(s);
    return 0;
}
