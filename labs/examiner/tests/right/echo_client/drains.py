#: run python3 {file} --server {host}:{port} --wait {timeout}
"""Asks for the message. When all has come back it ends its stream, and waits for the server to do so too."""
import argparse
import socket
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--server")
parser.add_argument("--wait", type=float)
arguments = parser.parse_args()
host, port = arguments.server.split(":")


def receive(connection):
    return connection.recv(16)


def echo(connection, message):
    connection.sendall(message)
    left = len(message)
    while left > 0:
        if not (piece := receive(connection)):
            raise OSError(f"{left} bytes are missing")
        sys.stdout.buffer.write(b"Received: " + piece + b"\n")
        left -= len(piece)
    connection.shutdown(socket.SHUT_WR)
    while receive(connection):
        pass


try:
    with socket.create_connection((host, int(port)), arguments.wait) as connection:
        echo(connection, sys.stdin.buffer.readline().rstrip(b"\n"))
        print("Closing connection to the server")
except OSError as error:
    sys.exit(str(error))
