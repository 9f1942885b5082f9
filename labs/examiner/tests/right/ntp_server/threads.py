"""A thread for each datagram, by the library's own server."""
#: run python3 {file} {port} --skew={skew}
import argparse
import socketserver
import struct
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int, nargs="?", default=11123)
parser.add_argument("--skew", type=float, default=2.5)
args = parser.parse_args()


def clock():
    return int((time.time() + args.skew + 2_208_988_800) * 2**32) % 2**64


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        received = clock()
        data, server = self.request
        if len(data) < 48 or data[0] & 7 not in (1, 3) or not 1 <= data[0] >> 3 & 7 <= 4:
            return
        first = data[0] & 0x38 | {1: 2, 3: 4}[data[0] & 7]
        answer = struct.pack("!BBBb8x4sQ", first, 1, data[2], -20, b"LOCL", received)
        answer += data[40:48] + struct.pack("!QQ", received, clock())
        server.sendto(answer, self.client_address)


try:
    server = socketserver.ThreadingUDPServer(("", args.port), Handler)
except OSError as error:
    sys.exit(f"puerto {args.port}: {error}")
server.serve_forever()
