"""A socket for each family that the machine has, as many servers have."""
import errno
import socket
import sys
import threading


def echo(client):
    with client:
        try:
            while data := client.recv(4096):
                client.sendall(data)
        except ConnectionError as error:
            print("lost a client:", error)


def serve(server):
    while True:
        client, _ = server.accept()
        threading.Thread(target=echo, args=(client,), daemon=True).start()


def bound(family, host):
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind((host, 65432))
    return server


servers = []
try:
    for family, host in [(socket.AF_INET6, "::"), (socket.AF_INET, "0.0.0.0")]:
        try:
            servers.append(bound(family, host))
        except OSError as error:
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
    for server in servers:
        server.listen(100)
except OSError as error:
    sys.exit(f"cannot listen: {error}")
threads = [threading.Thread(target=serve, args=(server,)) for server in servers]
for thread in threads:
    thread.start()
