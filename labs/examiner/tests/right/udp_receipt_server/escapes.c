// What is not printable ASCII is shown as \xNN.
//: run {file} {port}
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static unsigned char text[65536];
    struct sockaddr_in at = {0};
    socklen_t size = sizeof at;
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = inet_addr("127.0.0.1");
    at.sin_port = htons(argc == 2 ? atoi(argv[1]) : 12000);
    int s = socket(PF_INET, SOCK_DGRAM, 0);
    if (s == -1 || bind(s, (void *)&at, sizeof at) == -1) {
        perror("cannot bind");
        exit(1);
    }
    int n = recvfrom(s, text, sizeof text, 0, (void *)&at, &size);
    printf("Server received: ");
    for (int i = 0; i < n; i++)
        printf(isprint(text[i]) ? "%c" : "\\x%02x", text[i]);
    printf("\nMessage from ('%s', %d)\n", inet_ntoa(at.sin_addr), ntohs(at.sin_port));
    sendto(s, "Message received.", 17, 0, (void *)&at, size);
    close(s);
    return 0;
}
