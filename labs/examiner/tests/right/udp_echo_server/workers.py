"""Four threads that share the socket. The port of the lab is in the program."""
import socket
import sys
import threading

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    server.bind(("", 65432))
except OSError as error:
    sys.exit(f"port 65432: {error.strerror}")


def work():
    while True:
        try:
            datagram, client = server.recvfrom(65535)
            server.sendto(datagram, client)
        except OSError as error:
            print(error)


for _ in range(4):
    threading.Thread(target=work).start()
