"""A thread sends, the main one receives."""
#: run python3 {file} --port {port} --peer {peer} --interval {interval} --quote {quote}
import argparse
import collections
import socket
import struct
import sys
import threading
import time
import zlib

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=5005)
parser.add_argument("--peer", action="append", default=[])
parser.add_argument("--interval", type=float, default=2.0)
parser.add_argument("--quote", default='"It always seems impossible until it\'s done" - Nelson Mandela')
args = parser.parse_args()
quote = args.quote.encode()
if len(quote) > 65489:
    print("error: the quote is too long for one datagram", file=sys.stderr)
    sys.exit(1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    s.bind(("127.0.0.1", args.port))
except OSError as error:
    print(f"error: cannot bind port {args.port}: {error}", file=sys.stderr)
    sys.exit(1)


def send_for_ever():
    while True:
        body = struct.pack("!Q4sH", int(time.time()), socket.inet_aton("127.0.0.1"), args.port) + quote
        datagram = struct.pack("!I", zlib.adler32(body)) + body
        for peer in args.peer:
            host, port = peer.rsplit(":", 1)
            try:
                s.sendto(datagram, (host, int(port)))
            except OSError as error:
                print(f"{peer}: {error}", file=sys.stderr)
        time.sleep(args.interval)


if args.peer:
    threading.Thread(target=send_for_ever, daemon=True).start()
counts = collections.Counter()
while True:
    try:
        data, (ip, _) = s.recvfrom(65535)
        checksum, sent = struct.unpack("!IQ", data[:12])
        address = socket.inet_ntoa(data[12:16])
        if zlib.adler32(data[4:]) != checksum or len(data) < 18:
            raise ValueError("bad checksum")
        text = data[18:].decode("utf-8")
    except (OSError, ValueError, struct.error) as error:
        print("ignored:", error, file=sys.stderr)
        continue
    counts[ip] += 1
    print(text)
    print("  elapsed", int(time.time()) - sent, "seconds; from", ip, "says", address, "; number", counts[ip], flush=True)
