"""In the shape of the seed, with what every network needs; the port of the lab is written in."""
import socket
import sys

HOST, PORT = "127.0.0.1", 65432

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    try:
        s.bind((HOST, PORT))
    except OSError as error:
        sys.exit(f"{HOST}:{PORT} {error}")
    print("Echo service on", s.getsockname())
    while True:
        try:
            data, address = s.recvfrom(65507)
            s.sendto(data, address)
        except ConnectionError:
            pass
        else:
            print(f"{len(data)} bytes for {address[0]}")
