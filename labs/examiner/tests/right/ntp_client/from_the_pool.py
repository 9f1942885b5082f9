"""Asks a name of the pool that is written into it, as the pool's own page says one should."""
import os
import socket
import struct
import sys
import time

NTP = 2_208_988_800
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(2)
mark = os.urandom(8)


def instant(data):
    seconds, fraction = struct.unpack("!II", data)
    return seconds + (2**32 if seconds < 2**31 else 0) - NTP + fraction / 2**32


try:
    client.connect(("0.pool.ntp.org", 123))
    sent = time.time()
    client.send(bytes([0x23]) + bytes(39) + mark)
    data = client.recv(512)
    came = time.time()
except OSError as error:
    sys.exit(f"error: {error}")
if len(data) < 48 or data[0] & 7 != 4 or data[24:32] != mark:
    sys.exit("that is no answer")
if data[0] >> 6 == 3 or not 1 <= data[1] <= 15:
    sys.exit("the server does not know the time")
server, left = instant(data[32:40]), instant(data[40:48])
print(time.asctime(time.gmtime(left)), "from", client.getpeername()[0], "stratum", data[1])
print("offset", f"{((server - sent) + (left - came)) / 2:.6f}")
print("delay", f"{(came - sent) - (left - server):.6f}")
