"""Everything on the command line, a half-closed connection, and an answer read as a file. The alarm
clock ends whatever takes too long."""
#: run python3 {file} --to {host} {port} {message}
import signal
import socket
import sys


def rings(*_):
    raise TimeoutError("no whole answer in 4 seconds")


host, port, message = sys.argv[2:]
signal.signal(signal.SIGALRM, rings)
signal.alarm(4)
try:
    with socket.create_connection((host, int(port))) as client:
        print("{} port {} -> {} port {}".format(*client.getsockname(), *client.getpeername()))
        client.sendall(message.encode())
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()
except OSError as error:
    sys.exit(f"{host} port {port}: {error}")
print(answer.decode(errors="backslashreplace"))
