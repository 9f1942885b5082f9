// A process for each client. Its output is held back when it is no terminal, as printf does.
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int serve(int client)
{
    char buffer[4096];
    ssize_t length;
    while ((length = read(client, buffer, sizeof buffer)) > 0)
        for (ssize_t sent = 0, n; sent < length; sent += n)
            if ((n = write(client, buffer + sent, length - sent)) <= 0)
                return 1;
    return length < 0;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(65432)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    signal(SIGCHLD, SIG_IGN); // no zombies
    signal(SIGPIPE, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128)) {
        fprintf(stderr, "bind: %s\n", strerror(errno));
        return 1;
    }
    printf("waiting on port 65432\n");
    for (;;) {
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        int client = accept(listener, (struct sockaddr *)&peer, &size);
        if (client < 0)
            continue;
        printf("client %s\n", inet_ntoa(peer.sin_addr));
        fflush(stdout); // or the child would print it again
        if (fork() == 0)
            _exit(serve(client));
        close(client);
    }
}
