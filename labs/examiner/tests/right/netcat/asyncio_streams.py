#: run python3 {file} {host} {port}
# An event loop, and options that may stand anywhere.
import asyncio
import os
import socket
import sys

options = {word for word in sys.argv[1:] if word.startswith("-")}
words = [word for word in sys.argv[1:] if word not in options]
host, port = words if len(words) == 2 else ("127.0.0.1", words[0])
loop = asyncio.new_event_loop()


def keyboard(use, ended):
    def ready():
        data = os.read(0, 65536)
        if not data:
            loop.remove_reader(0)
            ended()
        use(data.replace(b"\n", b"\r\n") if "-C" in options else data)

    loop.add_reader(0, ready)


def show(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


async def talk(reader, writer):
    keyboard(writer.write, writer.write_eof)
    while data := await reader.read(65536):
        show(data)


class Datagrams(asyncio.DatagramProtocol):
    peer = None

    def connection_made(self, transport):
        def send(data):
            for line in data.splitlines(True):
                transport.sendto(line, self.peer)

        keyboard(send, lambda: None)

    def datagram_received(self, data, sender):
        if "-l" in options:
            self.peer = self.peer or sender
        show(data)


async def main():
    if "-u" in options:
        where = "local_addr" if "-l" in options else "remote_addr"
        await loop.create_datagram_endpoint(Datagrams, family=socket.AF_INET, **{where: (host, int(port))})
        await asyncio.Event().wait()
    elif "-l" in options:
        first = loop.create_future()
        await asyncio.start_server(lambda *both: first.set_result(both), host, port)
        await talk(*await first)
    else:
        await talk(*await asyncio.wait_for(asyncio.open_connection(host, port), 5))


try:
    loop.run_until_complete(main())
except TimeoutError:
    sys.exit("netcat: no answer in time")
except OSError as error:
    sys.exit(f"netcat: {error}")
