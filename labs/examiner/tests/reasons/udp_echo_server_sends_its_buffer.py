# sends the whole buffer back, which is more than a datagram can be
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 65432))
buffer = bytearray(65536)
while True:
    length, client = s.recvfrom_into(buffer)
    try:
        s.sendto(buffer, client)
    except OSError as error:
        print("sendto:", error, file=sys.stderr)
