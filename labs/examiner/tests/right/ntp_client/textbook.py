"""struct and ctime(), as the seed has it, with a random transmit timestamp and the checks of an answer."""
#: run python3 {file} {host} {port} {timeout}
import os
import socket
import struct
import sys
import time

TIME1970 = 2208988800


def ask(host, port, timeout):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(timeout)
    address = (socket.gethostbyname(host), port)
    cookie = os.urandom(8)
    sent = time.time()
    client.sendto(b"\x1b" + 39 * b"\0" + cookie, address)
    while True:
        data, source = client.recvfrom(1024)
        if source == address:
            break
    came = time.time()
    if len(data) < 48:
        raise ValueError("the answer is too short")
    first, stratum = data[0], data[1]
    if first & 7 != 4 or data[24:32] != cookie:
        raise ValueError("this does not answer the request")
    if not 1 <= stratum <= 15 or first >> 6 == 3:
        raise ValueError(f"the server has no time to give (stratum {stratum})")
    seconds, parts = struct.unpack("!II", data[32:40]), struct.unpack("!II", data[40:48])
    t2, t3 = (s + (2**32 if s < 2**31 else 0) - TIME1970 + f / 2**32 for s, f in (seconds, parts))
    print("Time:", time.ctime(t3))
    print("Offset:", (t2 - sent + t3 - came) / 2)
    print("Delay:", (came - sent) - (t3 - t2))
    print("Stratum:", stratum)
    print("Server:", source[0])


try:
    ask(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
except (OSError, ValueError) as error:
    sys.exit(f"{sys.argv[1]}: {error}")
