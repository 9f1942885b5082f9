#: run python3 {file} --port {port} --protocol {protocol}
import argparse
import os
import socket
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--port")
parser.add_argument("--protocol", choices=["tcp", "udp"], default="tcp")
arguments = parser.parse_args()


def name_of(port, protocol):
    try:
        return socket.getservbyport(port, protocol)
    except OverflowError:
        sys.exit(f"{port} is no port")
    except OSError:
        has_list = os.path.exists("/etc/services")
        sys.exit(f"{port}/{protocol} has no name" if has_list else "/etc/services is missing: install netbase")


if arguments.port is None:
    print(name_of(25, "tcp"), name_of(53, "udp"))
elif arguments.port.isdigit():
    print(name_of(int(arguments.port), arguments.protocol))
else:
    print(socket.getservbyname(arguments.port))
