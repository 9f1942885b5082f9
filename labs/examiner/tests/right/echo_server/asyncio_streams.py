"""One thread, an event loop, and coroutines. The port of the lab is written in the program."""
import asyncio


async def echo(reader, writer):
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except ConnectionError as error:
        print("cliente perdido:", error)
    writer.close()


async def main():
    server = await asyncio.start_server(echo, "", 65432)
    await server.serve_forever()


try:
    asyncio.run(main())
except OSError as error:
    raise SystemExit(f"no puedo escuchar en el puerto 65432: {error.strerror}")
