// Host, port and wait are written in the program; it asks for the message. What it prints is held back
// when it is no terminal, as printf does.
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int failed(const char *call)
{
    perror(call);
    return 1;
}

int main(void)
{
    char message[70000], piece[16];
    printf("Message: ");
    if (!fgets(message, sizeof message, stdin))
        return 1;
    size_t length = strcspn(message, "\n"), came = 0;

    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(65432)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval wait = {.tv_sec = 1};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (connect(s, (struct sockaddr *)&server, sizeof server))
        return failed("connect");
    if (send(s, message, length, MSG_NOSIGNAL) != (ssize_t)length)
        return failed("send");
    while (came < length) {
        ssize_t n = recv(s, piece, sizeof piece, 0);
        if (n < 0)
            return failed("recv");
        if (n == 0) {
            fprintf(stderr, "%zu bytes are missing\n", length - came);
            return 1;
        }
        printf("Received: %.*s\n", (int)n, piece);
        came += n;
    }
    printf("Closing connection to the server\n");
    close(s);
    return 0;
}
