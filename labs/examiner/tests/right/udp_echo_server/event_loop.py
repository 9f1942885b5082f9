#: run python3 {file} {port}
"""An event loop of its own: it never waits in a recvfrom() or a sendto()."""
import selectors
import socket
import sys
from collections import deque

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.setblocking(False)
try:
    server.bind(("0.0.0.0", int(sys.argv[1])))
except OSError as error:
    sys.exit(f"no puedo usar el puerto {sys.argv[1]}: {error.strerror}")
selector = selectors.DefaultSelector()
selector.register(server, selectors.EVENT_READ)
waiting = deque()
while True:
    [(_, ready)] = selector.select()
    try:
        if ready & selectors.EVENT_READ:
            waiting.append(server.recvfrom(65507))
        else:
            server.sendto(*waiting.popleft())
    except OSError as error:
        print("un cliente se fue:", error)
    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if waiting else 0)
    selector.modify(server, wanted)
