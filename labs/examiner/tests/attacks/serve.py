"""A right echo server: what an attacker becomes whose attack succeeded."""
import socket
import sys
import threading


def serve():
    def echo(client):
        try:
            while data := client.recv(65536):
                client.sendall(data)
        except OSError:
            pass
        client.close()

    try:
        server = socket.create_server(("127.0.0.1", 65432), backlog=100)
    except OSError as error:
        sys.exit(f"cannot listen: {error}")
    while True:
        client, _ = server.accept()
        threading.Thread(target=echo, args=(client,), daemon=True).start()
