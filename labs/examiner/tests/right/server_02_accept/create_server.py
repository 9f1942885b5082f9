"""create_server() does socket(), bind() and listen(), and sets SO_REUSEADDR."""
#: run python3 {file} {port}
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 8888
try:
    server = socket.create_server(("127.0.0.1", port), backlog=10)
except OSError as error:
    sys.exit(f"error: {error}")
with server:
    print(f"listening on port {port}")
    client, (ip, number) = server.accept()
    with client:
        print(f"Connected with {ip}:{number}")
