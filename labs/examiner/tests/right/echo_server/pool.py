#: run python3 {file} {port}
"""A pool of threads that stay when their client has gone."""
import socket
import sys
from concurrent.futures import ThreadPoolExecutor


def echo(client, address):
    with client:
        print(f"{address[0]}:{address[1]} is here")
        try:
            while data := client.recv(1024):
                client.sendall(data)
        except ConnectionError as error:
            print(error)


try:
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
except OSError as error:
    sys.exit(f"port {sys.argv[1]}: {error.strerror}")
with ThreadPoolExecutor(max_workers=64) as pool:
    while True:
        pool.submit(echo, *listener.accept())
