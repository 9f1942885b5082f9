"""Two processes that accept from one socket: it does more than the step asks for."""
#: run python3 {file} --port {port}
import os
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    server.bind(("127.0.0.1", int(sys.argv[2])))
except OSError as error:
    sys.exit(f"cannot bind: {error.strerror}")
server.listen(10)
os.fork()
while True:
    client, address = server.accept()
    with client:
        try:
            if data := client.recv(1024):
                client.sendall(b"OK..." + data)
        except ConnectionError as error:
            print("client:", error)
