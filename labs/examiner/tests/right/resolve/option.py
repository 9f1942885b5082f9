#: run python3 {file} --name {name}
import argparse
import socket
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="www.google.com")
name = parser.parse_args().name
try:
    found = socket.getaddrinfo(name, "http", proto=socket.IPPROTO_TCP)
except socket.gaierror as error:
    sys.exit(f"error: {name}: {error}")
for address in {info[4][0] for info in found}:
    print(address)
