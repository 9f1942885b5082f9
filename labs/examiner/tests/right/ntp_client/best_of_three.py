"""Asks three times, a moment apart, and takes the answer that was quickest."""
#: run python3 {file} {host} {port} {timeout}
import os
import socket
import struct
import sys
import time

NTP = 2_208_988_800
host, port, timeout = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])


def instant(data):
    seconds, fraction = struct.unpack("!II", data)
    return seconds + (2**32 if seconds < 2**31 else 0) - NTP + fraction / 2**32


def sample():
    mark = os.urandom(8)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(timeout)
    client.connect((host, port))
    sent = time.time()
    client.send(bytes([0x1B]) + bytes(39) + mark)
    data = client.recv(512)
    came = time.time()
    if len(data) < 48 or data[0] & 7 != 4 or data[24:32] != mark:
        raise ValueError("that is no answer")
    if data[0] >> 6 == 3 or not 1 <= data[1] <= 15:
        raise ValueError("the server does not know the time")
    server, left = instant(data[32:40]), instant(data[40:48])
    delay = (came - sent) - (left - server)
    return delay, ((server - sent) + (left - came)) / 2, data[1], left, client.getpeername()


try:
    samples = []
    for _ in range(3):
        samples.append(sample())
        time.sleep(0.3)
    delay, offset, stratum, now, server = min(samples)
except (OSError, ValueError) as error:
    sys.exit(f"error: {error}")
print(time.asctime(time.gmtime(now)))
print("offset", f"{offset:.6f}", "delay", f"{delay:.6f}", "stratum", stratum, "from", *server)
