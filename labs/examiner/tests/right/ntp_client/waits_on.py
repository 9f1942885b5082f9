"""An event loop that ignores what is no good answer, and waits on for one."""
#: run python3 {file} {host}:{port}
import asyncio
import secrets
import struct
import sys
import time

NTP = 2_208_988_800


def now():
    return int((time.time() + NTP) * 2**32)


def near(timestamp, pivot):
    """The timestamp in the era in which it is nearest to the pivot."""
    return pivot + (timestamp - pivot + 2**63) % 2**64 - 2**63


class Client(asyncio.DatagramProtocol):
    def __init__(self):
        self.answer = asyncio.get_running_loop().create_future()
        self.cookie = secrets.randbits(64) | 1

    def connection_made(self, transport):
        self.server = transport.get_extra_info("peername")[0]
        self.sent = now()
        transport.sendto(struct.pack("!B39xQ", 0x1B, self.cookie))

    def datagram_received(self, data, sender):
        received = now()
        if len(data) < 48:
            return
        first, stratum, origin, t2, t3 = struct.unpack("!BB22xQQQ", data[:48])
        good = first & 7 == 4 and first >> 6 != 3 and 1 <= stratum <= 15 and origin == self.cookie
        if good and not self.answer.done():
            self.answer.set_result((stratum, near(t2, received), near(t3, received), received))

    def error_received(self, error):
        if not self.answer.done():
            self.answer.set_exception(error)


async def main(host, port):
    loop = asyncio.get_running_loop()
    _, client = await loop.create_datagram_endpoint(Client, remote_addr=(host, int(port)))
    stratum, t2, t3, t4 = await asyncio.wait_for(client.answer, 1)
    t1 = client.sent
    print(time.ctime((t3 >> 32) - NTP))
    print(f"offset={(t2 - t1 + t3 - t4) / 2**33}s delay={(t4 - t1 - (t3 - t2)) / 2**32}s")
    print(f"stratum={stratum} server={client.server}")


try:
    asyncio.run(main(*sys.argv[1].split(":")))
except (OSError, asyncio.TimeoutError) as error:
    sys.exit(f"no time: {error or 'nobody answers'}")
