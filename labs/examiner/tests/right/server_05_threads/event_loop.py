"""No thread at all: one event loop."""
#: run python3 {file} --port {port}
import asyncio
import sys


async def talk(reader, writer):
    try:
        writer.write(b"Welcome to the server. Type something and hit enter\n")
        while data := await reader.read(1024):
            writer.write(b"OK..." + data)
            await writer.drain()
    except ConnectionError as error:
        print("client:", error)
    finally:
        writer.close()


async def main():
    async with await asyncio.start_server(talk, "127.0.0.1", int(sys.argv[2])) as server:
        await server.serve_forever()


try:
    asyncio.run(main())
except OSError as error:
    sys.exit(f"cannot listen: {error.strerror}")
