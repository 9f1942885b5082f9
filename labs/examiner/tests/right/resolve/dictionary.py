"""A dictionary keeps the order, and each address once."""
#: run python3 {file} {name}
import socket
import sys

names = sys.argv[1:] or ["www.google.com"]
for name in names:
    try:
        infos = socket.getaddrinfo(name, None)
    except OSError as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(1)
    for address in dict.fromkeys(info[4][0] for info in infos):
        print(f"IP address [{address}] of [{name}]")
