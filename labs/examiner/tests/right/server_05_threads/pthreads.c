// A thread for each client; the port of the lab is fixed, and printf holds back what it prints when
// it is no terminal.
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int send_all(int client, const char *bytes, ssize_t length)
{
    for (ssize_t sent = 0, n; sent < length; sent += n)
        if ((n = send(client, bytes + sent, length - sent, 0)) <= 0)
            return 0;
    return 1;
}

static void *talk(void *argument)
{
    static const char welcome[] = "Welcome to the server. Type something and hit enter\n";
    int client = (int)(intptr_t)argument;
    char buffer[5 + 1024] = "OK...";
    ssize_t length;
    if (send_all(client, welcome, strlen(welcome)))
        while ((length = recv(client, buffer + 5, 1024, 0)) > 0)
            if (!send_all(client, buffer, 5 + length))
                break;
    close(client);
    return NULL;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8888)}, peer;
    int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    signal(SIGPIPE, SIG_IGN);
    if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 10)) {
        fprintf(stderr, "Bind failed: %s\n", strerror(errno));
        return 1;
    }
    for (;;) {
        socklen_t size = sizeof peer;
        int client = accept(server, (struct sockaddr *)&peer, &size);
        pthread_t thread;
        if (client < 0)
            continue;
        printf("Connected with %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
        if (pthread_create(&thread, NULL, talk, (void *)(intptr_t)client) == 0)
            pthread_detach(thread);
        else
            close(client);
    }
}
