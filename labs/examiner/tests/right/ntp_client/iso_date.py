"""Compares the sender of what arrives, ends at the first bad answer, and writes the date as ISO 8601."""
#: run python3 {file} {host} -p {port} -t {timeout}
import argparse
import datetime
import socket
import struct
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("server", nargs="?", default="pool.ntp.org")
parser.add_argument("-p", type=int, default=123)
parser.add_argument("-t", type=float, default=5)
args = parser.parse_args()
EPOCH = datetime.datetime(1900, 1, 1)


def now():
    return time.time() + 2_208_988_800


def ask(client):
    server = (socket.gethostbyname(args.server), args.p)
    t1 = now()
    whole, part = divmod(t1, 1)
    transmit = struct.pack("!II", int(whole) % 2**32, int(part * 2**32))
    client.sendto(b"\x23" + bytes(39) + transmit, server)
    data, sender = client.recvfrom(1024)
    t4 = now()
    if sender != server:
        raise ValueError(f"{sender} is not the server")
    if len(data) < 48 or data[0] & 7 != 4 or data[24:32] != transmit:
        raise ValueError("this is no answer")
    if data[1] == 0:
        raise ValueError(f"kissed by {data[12:16]}")
    if data[1] > 15 or data[0] >> 6 == 3:
        raise ValueError("the server does not know")
    s2, f2, s3, f3 = struct.unpack("!IIII", data[32:48])
    t2, t3 = (s + f / 2**32 + (s < 2**31) * 2**32 for s, f in ((s2, f2), (s3, f3)))
    print((EPOCH + datetime.timedelta(seconds=t3)).isoformat(" "))
    print(f"Offset {((t2 - t1) + (t3 - t4)) / 2:+.3f} s, delay {(t4 - t1) - (t3 - t2):.3f} s")
    print(f"Server {server[0]} (stratum {data[1]})")


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(args.t)
    try:
        ask(client)
    except (OSError, ValueError) as error:
        sys.exit(f"{args.server}: {error}")
