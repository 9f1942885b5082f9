"""Sends the line as it was typed, with its end, and reads the echo up to that end, 16 bytes at a time."""
#: run python3 {file} {host} {port} {timeout}
import socket
import sys

host, port, timeout = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
try:
    client = socket.create_connection((host, port), timeout)
    line = sys.stdin.buffer.readline()
    client.sendall(line)
    echo = b""
    while not echo.endswith(b"\n"):
        piece = client.recv(16)
        if not piece:
            sys.exit(f"the server closed {len(line) - len(echo)} bytes too early")
        print("Received:", piece.decode(errors="replace"))
        echo += piece
except OSError as error:
    sys.exit(f"error: {error}")
print("Closing connection to the server")
client.close()
