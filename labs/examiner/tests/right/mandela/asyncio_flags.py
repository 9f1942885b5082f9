"""asyncio, with the names of its own for the options; the time that has passed has decimals."""
#: run python3 {file} --listen={port} --to={peer} --every={interval} --text={quote}
import argparse
import asyncio
import collections
import ipaddress
import sys
import time
import zlib

parser = argparse.ArgumentParser()
parser.add_argument("--listen", type=int, default=5005)
parser.add_argument("--to", action="append", default=[])
parser.add_argument("--every", type=int, default=2)  # whole seconds
parser.add_argument("--text", default='"It always seems impossible until it\'s done" - Nelson Mandela')
options = parser.parse_args()
text = options.text.encode()
if len(text) > 65489:
    sys.exit(f"{len(text)} bytes are too many for one datagram")


class Peer(asyncio.DatagramProtocol):
    counts = collections.Counter()

    def datagram_received(self, data, source):
        rest = data[4:]
        if len(data) < 18 or int.from_bytes(data[:4], "big") != zlib.adler32(rest):
            print("short or corrupt, from", source, file=sys.stderr)
            return
        try:
            quote = rest[14:].decode()
        except UnicodeDecodeError as error:
            print(error, file=sys.stderr)
            return
        sender = str(ipaddress.ip_address(rest[8:12]))
        self.counts[source[0]] += 1
        print(f"#{self.counts[source[0]]} {source[0]}", end=" ")
        if sender != source[0]:
            print(f"({sender}!)", end=" ")
        print(f"{time.time() - int.from_bytes(rest[:8], 'big'):.1f} s")
        print(quote)


async def main():
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(Peer, ("127.0.0.1", options.listen))
    except OSError as error:
        sys.exit(f"cannot bind: {error}")
    host, port = transport.get_extra_info("sockname")
    me = ipaddress.ip_address(host).packed + port.to_bytes(2, "big")
    while True:
        for peer in options.to:
            to, number = peer.rsplit(":", 1)
            rest = int(time.time()).to_bytes(8, "big") + me + text
            transport.sendto(zlib.adler32(rest).to_bytes(4, "big") + rest, (to, int(number)))
        await asyncio.sleep(options.every)


asyncio.run(main())
