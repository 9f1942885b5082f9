#: run python3 {file} {host} {port}
"""Reads the answer too, which is not asked for."""
import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
message = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
try:
    with socket.create_connection((host, port), 1) as s:
        s.sendall(message)
        print("Message sent:", message)
        print("First bytes of the answer:", s.recv(20))
except OSError as error:
    sys.exit(f"{host}: {error}")
