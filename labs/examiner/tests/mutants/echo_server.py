"""An echo server with one fault, named by the first argument. `none` has none."""
#: strips_line_ends echoes fail Missing
import socket
import sys
import threading

fault, port = sys.argv[1], int(sys.argv[3])


def serve(client):
    while data := client.recv(4096):
        if fault == "strips_line_ends":
            data = data.rstrip()
        client.sendall(data)
    client.close()


server = socket.create_server(("127.0.0.1", port), backlog=100)
while True:
    client, address = server.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
