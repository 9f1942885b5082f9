# A script that starts the program and waits for it.
#: run sh {file} python3 {port}
"$1" - "$2" <<'PROGRAM'
import asyncio
import sys


async def serve(reader, writer):
    print(*writer.get_extra_info("peername"))
    try:
        writer.write((await reader.read(65536)).upper())
        await writer.drain()
    except OSError as error:
        print(error)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


try:
    asyncio.run(main())
except OSError as error:
    sys.exit(str(error))
PROGRAM
exit $?
