import ipaddress
import socket
import sys

name = socket.gethostname()
try:
    addresses = {info[4][0] for info in socket.getaddrinfo(name, None)}
except socket.gaierror as error:
    sys.exit(f"{name}: {error.strerror}")
local = all(ipaddress.ip_address(address).is_loopback for address in addresses)
print(name, "→", *addresses, "(loopback)" if local else "")
