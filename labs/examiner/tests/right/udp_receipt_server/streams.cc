// C++: a string for the message, and a text that says more than the seed's.
//: run {file} {port}
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>
#include <sys/socket.h>

int main(int argc, char *argv[])
{
    const int port = argc > 1 ? std::stoi(argv[1]) : 12000;
    const int server = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (bind(server, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
        std::cerr << "cannot use port " << port << ": " << std::strerror(errno) << '\n';
        return 1;
    }
    std::string message(65536, '\0');
    sockaddr_in client{};
    socklen_t size = sizeof client;
    const auto length = recvfrom(server, message.data(), message.size(), 0,
                                 reinterpret_cast<sockaddr *>(&client), &size);
    message.resize(length < 0 ? 0 : length);
    std::cout << "Server received: " << message << "\nMessage from " << inet_ntoa(client.sin_addr)
              << ':' << ntohs(client.sin_port) << std::endl;
    const std::string receipt = "Message received.";
    sendto(server, receipt.data(), receipt.size(), 0, reinterpret_cast<sockaddr *>(&client), size);
}
