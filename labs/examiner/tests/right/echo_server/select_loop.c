//: run {file} {port}
// One thread that waits for all its clients with poll(). It never waits in a send(): what a client does
// not take is kept, and nothing more is read from that client meanwhile.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 1000, PIECE = 8192 };

static struct pollfd polled[MOST];
static struct { char bytes[PIECE]; ssize_t length, sent; } kept[MOST];
static int count = 1;

// One turn of one client. Returns 0 when it is done.
static int serve(int i)
{
    if (kept[i].sent == kept[i].length) {
        kept[i].sent = 0;
        kept[i].length = read(polled[i].fd, kept[i].bytes, PIECE);
        if (kept[i].length <= 0) {
            int again = kept[i].length < 0 && errno == EAGAIN;
            kept[i].length = 0;
            return again;
        }
    }
    ssize_t n = write(polled[i].fd, kept[i].bytes + kept[i].sent, kept[i].length - kept[i].sent);
    if (n < 0 && errno != EAGAIN)
        return 0;
    if (n > 0)
        kept[i].sent += n;
    polled[i].events = kept[i].sent < kept[i].length ? POLLOUT : POLLIN;
    return 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    signal(SIGPIPE, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 50)) {
        perror("cannot listen");
        return 1;
    }
    polled[0] = (struct pollfd){listener, POLLIN, 0};
    for (;;) {
        poll(polled, count, -1);
        for (int i = count - 1; i > 0; i--) {
            if (polled[i].revents == 0 || serve(i))
                continue;
            close(polled[i].fd);
            count--;
            polled[i] = polled[count];
            kept[i] = kept[count];
        }
        if (polled[0].revents && count < MOST) {
            int client = accept(listener, NULL, NULL);
            if (client < 0)
                continue;
            fcntl(client, F_SETFL, O_NONBLOCK);
            polled[count] = (struct pollfd){client, POLLIN, 0};
            kept[count].length = kept[count].sent = 0;
            count++;
        }
    }
}
