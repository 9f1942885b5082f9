"""struct, and a line for each field. The name of the pool and its port are written in."""
import os
import socket
import struct
import sys
import time

HOST, PORT = "pool.ntp.org", 123
FIELDS = [
    (0, 1, "LI, VN, mode"), (1, 1, "stratum"), (2, 1, "poll"), (3, 1, "precision"),
    (4, 4, "root delay"), (8, 4, "root dispersion"), (12, 4, "reference id"),
    (16, 8, "reference"), (24, 8, "origin"), (32, 8, "receive"), (40, 8, "transmit"),
]


def show(title, packet):
    print(title)
    for offset, size, name in FIELDS:
        print(f"  {offset:2}  {packet[offset:offset + size].hex(' '):23}  {name}")


def seconds(packet, offset):
    whole, part = struct.unpack_from("!II", packet, offset)
    if whole < 2**31:
        whole += 2**32
    return whole - 2208988800 + part / 2**32


def main():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(4)
    s.connect((socket.gethostbyname(HOST), PORT))
    request = struct.pack("!B39x8s", 0b00_100_011, os.urandom(8))
    show("Request", request)
    t1 = time.time()
    s.send(request)
    response = s.recv(512)
    t4 = time.time()
    if len(response) < 48:
        raise ValueError(f"only {len(response)} bytes")
    show("Response", response)
    if response[0] & 7 != 4:
        raise ValueError("the mode is not 4")
    if response[24:32] != request[40:48]:
        raise ValueError("the origin is not our transmit timestamp")
    if response[1] == 0:
        raise ValueError("kiss code " + response[12:16].decode("ascii", "replace"))
    if response[1] > 15 or response[0] >> 6 == 3:
        raise ValueError("the server's clock is not set")
    t2, t3 = seconds(response, 32), seconds(response, 40)
    print("offset", f"{((t2 - t1) + (t3 - t4)) / 2:.6f}", "seconds")
    print("delay", f"{(t4 - t1) - (t3 - t2):.6f}", "seconds")


try:
    main()
except (OSError, ValueError) as error:
    print("error:", error, file=sys.stderr)
    sys.exit(1)
