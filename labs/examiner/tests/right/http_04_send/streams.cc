// C++: the request is built in a stream.
//: run {file} {host} {port}
#include <cstring>
#include <iostream>
#include <netdb.h>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const std::string host = argc > 1 ? argv[1] : "www.google.com";
    addrinfo hints{}, *site = nullptr;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    if (const int error = getaddrinfo(host.c_str(), argc > 2 ? argv[2] : "80", &hints, &site)) {
        std::cerr << host << ": " << gai_strerror(error) << '\n';
        return 1;
    }
    const int s = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s, site->ai_addr, site->ai_addrlen) != 0) {
        std::cerr << host << ": " << std::strerror(errno) << '\n';
        return 1;
    }
    std::ostringstream request;
    request << "GET / HTTP/1.1\r\n" << "Host: " << host << "\r\n" << "Connection: close\r\n" << "\r\n";
    std::string rest = request.str();
    for (ssize_t n = 0; !rest.empty() && n >= 0; rest.erase(0, n > 0 ? n : 0)) {
        n = send(s, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (n < 0) {
            std::cerr << "send: " << std::strerror(errno) << '\n';
            return 1;
        }
    }
    std::cout << "Message sent successfully\n";
    for (char c : request.str())
        std::cout << (c == '\r' ? "\\r" : c == '\n' ? "\\n" : std::string(1, c));
    std::cout << std::endl;
    close(s);
}
