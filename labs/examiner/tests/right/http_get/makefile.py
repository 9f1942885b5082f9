"""The connection as a file, which is read by lines and by lengths."""
#: run python3 {file} {url}
import socket
import sys
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])


def line(page):
    text = page.readline(65536)
    if not text.endswith(b"\n"):
        raise EOFError("the server stopped in the middle of a line")
    return text.strip().decode("latin-1")


def head(page):
    status, fields = line(page), {}
    while field := line(page):
        name, _, value = field.partition(":")
        fields[name.lower()] = value.strip()
    if not status.startswith("HTTP/1."):
        raise ValueError("no web server")
    return int(status.split()[1]), fields


def exactly(page, size):
    data = page.read(size)
    if len(data) < size:
        raise EOFError(f"{size - len(data)} bytes are missing")
    return data


def body(page, status, fields):
    if status in (204, 304):
        return
    if "chunked" in fields.get("transfer-encoding", "").lower():
        while size := int(line(page).partition(";")[0], 16):
            yield exactly(page, size)
            line(page)
        while line(page):
            pass
    elif "content-length" in fields:
        yield exactly(page, int(fields["content-length"]))
    else:
        yield page.read()


def get():
    if url.scheme != "http":
        raise ValueError(f"{url.scheme} instead of http")
    with socket.create_connection((url.hostname, url.port or 80), 4) as s, s.makefile("rwb") as page:
        target = (url.path or "/") + ("?" + url.query if url.query else "")
        page.write(f"GET {target} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n".encode())
        page.flush()
        status, fields = head(page)
        while status < 200:
            status, fields = head(page)
        for piece in body(page, status, fields):
            sys.stdout.buffer.write(piece)


try:
    get()
except (OSError, EOFError, ValueError) as error:
    sys.exit(f"cannot get {sys.argv[1]}: {error}")
