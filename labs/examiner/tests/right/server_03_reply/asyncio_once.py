"""An event loop that ends after its first client."""
#: run python3 {file} --port {port}
import asyncio
import sys


async def main():
    done = asyncio.Event()

    async def reply(reader, writer):
        try:
            writer.write(await reader.read(1024))
            await writer.drain()
        except ConnectionError as error:
            print("client:", error)
        writer.close()
        done.set()

    server = await asyncio.start_server(reply, "127.0.0.1", int(sys.argv[2]), backlog=10)
    await done.wait()
    server.close()
    await asyncio.sleep(0)  # the transport closes in the next turn of the loop


try:
    asyncio.run(main())
except OSError as error:
    sys.exit(f"cannot listen: {error.strerror}")
