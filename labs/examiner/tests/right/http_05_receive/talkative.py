#: run python3 {file} {host} {port}
"""Says on standard output what it does, around the response."""
import select
import socket
import sys
import time

host, port = sys.argv[1], int(sys.argv[2])
message = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
reply = b""
try:
    s = socket.create_connection((host, port))
    s.setblocking(False)
    s.sendall(message)
    deadline = time.monotonic() + 3
    while True:
        if not select.select([s], [], [], max(0, deadline - time.monotonic()))[0]:
            sys.exit("the server takes too long")
        piece = s.recv(4096)
        if not piece:
            break
        reply += piece
except OSError as error:
    sys.exit(f"{host}: {error}")
print("Reply received:", flush=True)
sys.stdout.buffer.write(reply)
sys.stdout.flush()
print("\nThe end")
