// The lab's own server and port, a line that is typed after connect(), and output that is held back
// when it is no terminal.
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static char sentence[70000], piece[1000];

static int fails(const char *what)
{
    perror(what);
    return 1;
}

int main(void)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(12000)}, mine;
    struct timeval wait = {.tv_sec = 2};
    socklen_t size = sizeof mine;
    ssize_t length;
    int client = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
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
    while ((length = read(client, piece, sizeof piece)) > 0)
        fwrite(piece, 1, length, stdout);
    printf("\n");
    return length < 0 ? fails("read") : 0;
}
