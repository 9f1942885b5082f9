// The lab's own server and port, a line that is typed after connect(), and output that is held back
// when it is no terminal. poll() waits for what is left of the time.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char sentence[70000], piece[1000];

static int fails(const char *what)
{
    perror(what);
    return 1;
}

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static ssize_t read_until(long deadline, int client)
{
    struct pollfd some = {.fd = client, .events = POLLIN};
    long left = deadline - milliseconds();
    if (left > 0 && poll(&some, 1, (int)left) > 0)
        return read(client, piece, sizeof piece);
    errno = ETIMEDOUT;
    return -1;
}

int main(void)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(12000)}, mine;
    socklen_t size = sizeof mine;
    ssize_t length;
    int client = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
    if (connect(client, (struct sockaddr *)&server, sizeof server))
        return fails("connect");
    getsockname(client, (struct sockaddr *)&mine, &size);
    printf("Soy %s:%d\n", inet_ntoa(mine.sin_addr), ntohs(mine.sin_port));
    printf("Conectado con %s:%d\n", inet_ntoa(server.sin_addr), ntohs(server.sin_port));
    printf("Frase: ");
    if (!fgets(sentence, sizeof sentence, stdin))
        return 1;
    size_t all = strcspn(sentence, "\n");
    for (size_t sent = 0; sent < all; sent += length)
        if ((length = write(client, sentence + sent, all - sent)) < 0)
            return fails("write");
    long deadline = milliseconds() + 4000;
    while ((length = read_until(deadline, client)) > 0)
        fwrite(piece, 1, length, stdout);
    printf("\n");
    return length < 0 ? fails("read") : 0;
}
