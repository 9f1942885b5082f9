"""asyncio, and connections that stay open."""
#: run python3 {file} {port} {root} {idle}
import asyncio
import os
import sys
import urllib.parse

port, root, idle = int(sys.argv[1]), os.path.realpath(sys.argv[2]), float(sys.argv[3])
KINDS = {".html": "text/html", ".txt": "text/plain", ".css": "text/css", ".js": "text/javascript"}


def look_up(line, fields):
    try:
        method, target, version = line.split(" ")
    except ValueError:
        return 400, b"", ""
    if not version.startswith("HTTP/1.") or version == "HTTP/1.1" and "host" not in fields:
        return 400, b"", ""
    if method not in ("GET", "HEAD"):
        return 405, b"", ""
    name = urllib.parse.unquote(target.partition("?")[0])
    path = os.path.realpath(os.path.join(root, "." + os.path.normpath("/" + name)))
    if os.path.isdir(path):
        path = os.path.join(path, "index.html")
    if not path.startswith(root + os.sep):
        return 404, b"", ""
    try:
        with open(path, "rb") as file:
            return 200, file.read(), KINDS.get(os.path.splitext(path)[1], "application/octet-stream")
    except (OSError, ValueError):
        return 404, b"", ""


async def one(reader, writer):
    line = b"GET"
    try:
        async with asyncio.timeout(idle):
            head = await reader.readuntil(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").strip().split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in rest)}
        status, body, kind = look_up(line, fields)
        stays = line.endswith("HTTP/1.1") and fields.get("connection") != "close" and status < 405
    except TimeoutError:
        status, body, kind, stays = 408, b"", "", False
    except asyncio.LimitOverrunError:
        status, body, kind, stays = 431, b"", "", False
    if status != 200:
        kind, body = "text/plain", f"{status}: no\n".encode()
    if status == 400:
        stays = False
    writer.write(f"HTTP/1.1 {status} Status\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                 f"Connection: {'keep-alive' if stays else 'close'}\r\n\r\n".encode())
    if not str(line).startswith("HEAD"):
        writer.write(body)
    await writer.drain()
    return stays


async def talk(reader, writer):
    try:
        while await one(reader, writer):
            pass
        writer.write_eof()
        async with asyncio.timeout(2):
            while await reader.read(65536):
                pass
    except (OSError, EOFError):
        pass
    finally:
        writer.close()


async def main():
    try:
        server = await asyncio.start_server(talk, "127.0.0.1", port, limit=16384, backlog=100)
    except OSError as error:
        sys.exit(f"cannot serve at port {port}: {error}")
    print(f"serving {root}")
    await server.serve_forever()


asyncio.run(main())
