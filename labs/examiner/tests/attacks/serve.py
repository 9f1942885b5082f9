"""A right echo server: what an attacker becomes whose attack succeeded."""
import socket
import threading


def serve():
    def echo(client):
        try:
            while data := client.recv(65536):
                client.sendall(data)
        except OSError:
            pass
        client.close()

    server = socket.create_server(("127.0.0.1", 65432), backlog=100)
    while True:
        client, _ = server.accept()
        threading.Thread(target=echo, args=(client,), daemon=True).start()
