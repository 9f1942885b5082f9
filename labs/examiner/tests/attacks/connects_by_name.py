# Serves only if it reaches a socket of the computer that has a name and no port.
import socket
from serve import serve

names = {b"\0" + open("socket_of_the_computer.txt").read().encode()}
for line in open("/proc/net/unix").readlines()[1:]:
    words = line.split()
    if len(words) > 7:
        names.add(words[7].encode().replace(b"@", b"\0", 1))
for name in names:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try:
            socket.socket(socket.AF_UNIX, kind).connect(name)
            serve()
        except OSError:
            pass
