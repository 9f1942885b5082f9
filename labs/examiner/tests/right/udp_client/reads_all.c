// getaddrinfo() and a connected socket, so that no stranger is heard. The sentence is the last argument
// or what is typed.
//: run {file} {host} {port} {timeout}
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

static void quit(const char *what, const char *why)
{
    fprintf(stderr, "udp_client: %s: %s\n", what, why);
    exit(1);
}

int main(int argc, char *argv[])
{
    static char sentence[65536], answer[65536];
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *to;
    if (argc < 3)
        quit("usage", "udp_client HOST PORT [SECONDS] [SENTENCE]");
    int wrong = getaddrinfo(argv[1], argv[2], &hints, &to);
    if (wrong)
        quit(argv[1], gai_strerror(wrong));
    if (argc > 4) {
        snprintf(sentence, sizeof sentence, "%s", argv[4]);
    } else {
        fputs("Input lowercase sentence: ", stderr);
        if (!fgets(sentence, sizeof sentence, stdin))
            quit("stdin", "no sentence");
        sentence[strcspn(sentence, "\n")] = 0;
    }
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    double seconds = argc > 3 ? atof(argv[3]) : 5;
    struct timeval most = {(time_t)seconds, (suseconds_t)((seconds - (time_t)seconds) * 1e6)};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    if (connect(s, to->ai_addr, to->ai_addrlen) < 0)
        quit("connect", strerror(errno));
    if (send(s, sentence, strlen(sentence), 0) < 0)
        quit("send", strerror(errno));
    ssize_t n = recv(s, answer, sizeof answer, 0);
    if (n < 0)
        quit("no answer", errno == EAGAIN ? "does anybody listen?" : strerror(errno));
    char ip[64], port[16];
    getnameinfo(to->ai_addr, to->ai_addrlen, ip, sizeof ip, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    printf("Received message from %s port %s\n", ip, port);
    fwrite(answer, 1, (size_t)n, stdout);
    putchar('\n');
    return 0;
}
