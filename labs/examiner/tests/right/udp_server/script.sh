# A script that starts the program and waits for it.
#: run sh {file} python3 {port}
"$1" - "$2" <<'PROGRAM'
import selectors
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    server.bind(("127.0.0.1", int(sys.argv[1])))
except OSError as error:
    sys.exit(str(error))
server.setblocking(False)
selector = selectors.DefaultSelector()
selector.register(server, selectors.EVENT_READ)
while selector.select():
    try:
        datagram, client = server.recvfrom(65535)
        server.sendto(datagram.upper(), client)
    except OSError as error:
        print(error)
    else:
        print(f"{client[0]} port {client[1]}: {len(datagram)} bytes")
PROGRAM
exit $?
