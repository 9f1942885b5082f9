#: run python3 {file} {host} {port} {timeout} {message}
"""Ends its stream as soon as the message is out, and reads until the server ends its own."""
import socket
import sys

host, port, timeout, message = sys.argv[1:]
missing = len(message.encode())
try:
    with socket.create_connection((host, int(port)), float(timeout)) as connection:
        connection.sendall(message.encode())
        connection.shutdown(socket.SHUT_WR)
        while missing > 0 and (piece := connection.recv(min(16, missing))):
            print("Recibido:", piece.decode(errors="replace"))
            missing -= len(piece)
except OSError as error:
    sys.exit(f"{host}:{port}: {error}")
if missing:
    sys.exit(f"faltan {missing} bytes")
