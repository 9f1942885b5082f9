"""Everything on the command line, a half-closed connection, and an answer read as a file."""
#: run python3 {file} --to {host} {port} {message}
import socket
import sys

host, port, message = sys.argv[2:]
try:
    with socket.create_connection((host, int(port)), 2) as client:
        print("{} port {} -> {} port {}".format(*client.getsockname(), *client.getpeername()))
        client.sendall(message.encode())
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()
except OSError as error:
    sys.exit(f"{host} port {port}: {error}")
print(answer.decode(errors="backslashreplace"))
