// Address, port and wait are in the program; it asks for the message. What it prints is held back when
// it is no terminal. connect() makes the system leave the datagrams of strangers aside.
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

static int failed(const char *call)
{
    perror(call);
    return 1;
}

int main(void)
{
    static char message[65536], echo[65536];
    printf("Message: ");
    if (!fgets(message, sizeof message, stdin))
        return 1;
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(65432)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval wait = {.tv_sec = 1};
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (connect(s, (struct sockaddr *)&server, sizeof server))
        return failed("connect");
    if (send(s, message, strcspn(message, "\n"), 0) < 0)
        return failed("send");
    ssize_t length = recv(s, echo, sizeof echo, 0);
    if (length < 0)
        return failed("recv");
    printf("Received: ");
    fwrite(echo, 1, length, stdout);
    printf("\n");
    return 0;
}
