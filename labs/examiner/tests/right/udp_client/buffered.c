// The lab's own server and port, a line that is typed, and output that is held back when it is no
// terminal.
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static char sentence[70000], answer[65507];

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(void)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(12000)}, from;
    socklen_t size = sizeof from;
    int client = socket(AF_INET, SOCK_DGRAM, 0);
    inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);

    printf("Frase en minusculas: ");
    if (!fgets(sentence, sizeof sentence, stdin))
        return 1;
    sentence[strcspn(sentence, "\n")] = 0;
    if (sendto(client, sentence, strlen(sentence), 0, (struct sockaddr *)&server, sizeof server) < 0) {
        perror("sendto");
        return 1;
    }
    long deadline = milliseconds() + 2000, left;
    struct pollfd answers = {.fd = client, .events = POLLIN};
    while ((left = deadline - milliseconds()) > 0 && poll(&answers, 1, left) > 0) {
        ssize_t length = recvfrom(client, answer, sizeof answer, 0, (struct sockaddr *)&from, &size);
        if (length < 0) {
            perror("recvfrom");
            return 1;
        }
        if (from.sin_addr.s_addr != server.sin_addr.s_addr || from.sin_port != server.sin_port)
            continue;
        printf("De %s:%d\n", inet_ntoa(from.sin_addr), ntohs(from.sin_port));
        fwrite(answer, 1, length, stdout);
        printf("\n");
        return 0;
    }
    fprintf(stderr, "El servidor no contesta\n");
    return 1;
}
