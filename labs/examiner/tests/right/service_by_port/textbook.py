"""As the seed has it, with the errors told."""
#: run python3 {file} {port} {protocol}
import os
import socket
import sys


def quit(why):
    print("error:", why, file=sys.stderr)
    sys.exit(1)


def find(port, protocol):
    if not 0 <= port <= 65535:
        quit(f"{port} is not a port")
    try:
        print("Protocol %s, port %d => name [%s]" % (protocol, port, socket.getservbyport(port, protocol)))
    except OSError as error:
        quit(f"{error}: {port}/{protocol}" if os.path.isfile("/etc/services") else "/etc/services not found")


if len(sys.argv) == 1:
    find(25, "tcp")
    find(53, "udp")
else:
    protocol = sys.argv[2] if len(sys.argv) > 2 else "tcp"
    try:
        find(int(sys.argv[1]), protocol)
    except ValueError:
        print(f"{sys.argv[1]} => port {socket.getservbyname(sys.argv[1], protocol)}")
