// C++: the socket closes itself.
#include <cerrno>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

struct Socket {
    int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    Socket() { if (fd < 0) throw std::runtime_error(std::strerror(errno)); }
    ~Socket() { ::close(fd); }
};

int main()
{
    try {
        Socket socket;
        std::cout << "Socket created" << std::endl;
    } catch (const std::exception &error) {
        std::cerr << "no socket: " << error.what() << std::endl;
        return 1;
    }
}
