// printf holds back what it prints when it is not at a terminal.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0) {
        printf("No hay socket: %s\n", strerror(errno));
        return 1;
    }
    printf("Socket creado, número %d\n", s);
    return 0;
}
