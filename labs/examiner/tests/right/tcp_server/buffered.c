// The lab's own port, and output that is held back when it is no terminal.
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(12000)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN); // a client may be gone
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 5)) {
        printf("No puedo escuchar: %s\n", strerror(errno));
        return 1;
    }
    for (;;) {
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        char sentence[8192];
        int client = accept(listener, (struct sockaddr *)&peer, &size);
        if (client < 0)
            continue;
        printf("Cliente %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
        ssize_t length = read(client, sentence, sizeof sentence);
        for (ssize_t i = 0; i < length; i++)
            sentence[i] = toupper((unsigned char)sentence[i]);
        for (ssize_t sent = 0, n; sent < length; sent += n)
            if ((n = write(client, sentence + sent, length - sent)) <= 0)
                break;
        close(client);
    }
}
