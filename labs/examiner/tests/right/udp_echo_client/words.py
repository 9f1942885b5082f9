#: run python3 {file} {host}:{port} {timeout} {message}
"""Everything is an argument; it prints the bytes as Python writes them, and says when they are no echo."""
import select
import socket
import sys

where, timeout, message = sys.argv[1:]
host, port = where.split(":")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    try:
        s.connect((host, int(port)))
        s.send(message.encode())
        if not select.select([s], [], [], float(timeout))[0]:
            sys.exit("no hay respuesta")
        echo = s.recv(65507)
    except OSError as error:
        sys.exit(f"{where}: {error.strerror}")
if echo != message.encode():
    sys.exit("that is no echo")
print(echo)
