"""Waits in select(), which does not block in accept()."""
#: run python3 {file} --port {port}
import selectors
import socket
import sys

try:
    server = socket.create_server(("127.0.0.1", int(sys.argv[2])))
except OSError as error:
    sys.exit(f"cannot listen: {error.strerror}")
server.setblocking(False)
waiting = selectors.DefaultSelector()
waiting.register(server, selectors.EVENT_READ)
waiting.select()
client, (host, port) = server.accept()
print(f"{host} {port}")
