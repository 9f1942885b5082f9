"""Host and port of the lab are in the program. The line goes out with its line end."""
import socket
import sys

connection = socket.socket()
connection.settimeout(1)
try:
    connection.connect(("localhost", 65432))
    message = input("> ").encode() + b"\n"
    connection.sendall(message)
    received = b""
    while len(received) < len(message):
        piece = connection.recv(16)
        if not piece:
            sys.exit(f"only {len(received)} of {len(message)} bytes came back")
        print(piece)
        received += piece
except OSError as error:
    sys.exit(f"problema con el servidor: {error}")
finally:
    connection.close()
