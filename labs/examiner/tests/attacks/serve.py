"""A right program, of the step that is examined: what an attacker becomes whose attack succeeded."""
import ipaddress
import os
import socket
import sys
import threading


def serve():
    if os.path.basename(sys.argv[0]) == "hostname.py":
        tell_the_host_name()
    else:
        echo_to_everybody()


def tell_the_host_name():
    name = socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except socket.gaierror as error:
        sys.exit(f"{name}: {error.strerror}")
    print(name, address, "(loopback)" if ipaddress.ip_address(address).is_loopback else "")
    sys.exit()


def echo_to_everybody():
    def echo(client):
        try:
            while data := client.recv(65536):
                client.sendall(data)
        except OSError:
            pass
        client.close()

    try:
        server = socket.create_server(("127.0.0.1", 65432), backlog=100)
    except OSError as error:
        sys.exit(f"cannot listen: {error}")
    while True:
        client, _ = server.accept()
        threading.Thread(target=echo, args=(client,), daemon=True).start()
