// C++, with a string, and the port of the lab.
#include <cstdio>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

int main()
{
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(8888);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, reinterpret_cast<sockaddr *>(&here), sizeof here) < 0 || listen(listener, 10) < 0) {
        std::perror("No se pudo enlazar el socket");
        return 1;
    }
    int client = accept(listener, nullptr, nullptr);
    std::string text(1024, ' ');
    const auto length = recv(client, text.data(), text.size(), 0);
    if (length > 0)
        send(client, text.data(), length, MSG_NOSIGNAL);
    close(client);
    close(listener);
}
