"""The program of the lecture, with the port in its place."""
#: run python3 {file} {port}
from socket import AF_INET, SOCK_DGRAM, socket
from sys import argv, exit

with socket(AF_INET, SOCK_DGRAM) as server:
    try:
        server.bind(("", int(argv[1])))
    except OSError as error:
        exit(f"The port cannot be had: {error}")
    message, address = server.recvfrom(65535)
    print(f"Server received: {message.decode(errors='replace')}")
    print(f"Message from {address}")
    server.sendto(b"Message received.\n", address)
