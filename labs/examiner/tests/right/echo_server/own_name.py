"""Bound to the machine's own name, as many tutorials do."""
import socket
import sys
import threading


def echo(client):
    with client:
        try:
            while data := client.recv(4096):
                client.sendall(data)
        except OSError:
            pass  # its client has reset the connection


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    server.bind((socket.gethostbyname(socket.gethostname()), 65432))
except OSError as error:
    sys.exit(f"cannot bind: {error}")
server.listen(128)
while True:
    client, _ = server.accept()
    threading.Thread(target=echo, args=(client,), daemon=True).start()
