// writev() sends both parts of the answer at once.
//: run {file} {port}
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    char data[1024];
    int s = socket(AF_INET, SOCK_STREAM, 0), yes = 1, c;
    here.sin_port = htons(argc > 1 ? atoi(argv[1]) : 8888);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    signal(SIGPIPE, SIG_IGN);
    if (bind(s, (struct sockaddr *)&here, sizeof here) || listen(s, 10))
        err(1, "cannot listen");
    for (;;) {
        if ((c = accept(s, NULL, NULL)) < 0)
            continue;
        ssize_t n = read(c, data, sizeof data);
        struct iovec answer[] = {{"OK...", 5}, {data, n}};
        if (n < 0 || (n > 0 && writev(c, answer, 2) < 0))
            warn("client");
        close(c);
    }
}
