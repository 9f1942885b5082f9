# Serves only if it reaches a port of the computer, or anything beyond it.
import socket
from serve import serve

own = int(open("port_of_the_computer.txt").read())
targets = [("127.0.0.1", own), ("localhost", own), ("1.1.1.1", 53), ("192.168.0.1", 80)]
for target in targets:
    try:
        socket.create_connection(target, timeout=0.2)
        serve()
    except OSError:
        pass
for port in range(1, 2000):
    with socket.socket() as s:
        if s.connect_ex(("127.0.0.1", port)) == 0:
            serve()
