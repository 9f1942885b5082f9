// The protocol by its number, and err() for the sentence.
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int s = socket(PF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (s == -1)
        err(1, "cannot create a socket");
    write(STDOUT_FILENO, "Socket created\n", 15);
    close(s);
    return 0;
}
