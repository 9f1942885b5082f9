"""With recv() alone: the head to its empty line, then the body by one of three rules."""
#: run python3 {file} {url}
import socket
import sys
from urllib.parse import urlsplit


class Stream:
    def __init__(self, s):
        self.s, self.data = s, b""

    def more(self):
        piece = self.s.recv(4096)
        if not piece:
            raise ValueError("the connection ended too early")
        self.data += piece

    def until(self, end):
        while end not in self.data:
            self.more()
        found, self.data = self.data.split(end, 1)
        return found

    def exactly(self, size):
        while len(self.data) < size:
            self.more()
        found, self.data = self.data[:size], self.data[size:]
        return found

    def rest(self):
        while piece := self.s.recv(4096):
            self.data += piece
        return self.data


def body(stream, fields, status):
    if status == 204 or status == 304:
        return b""
    if fields.get("transfer-encoding", "").lower() == "chunked":
        whole = b""
        while size := int(stream.until(b"\r\n").split(b";")[0], 16):
            whole += stream.exactly(size)
            stream.until(b"\r\n")
        while stream.until(b"\r\n"):
            pass
        return whole
    if "content-length" in fields:
        return stream.exactly(int(fields["content-length"]))
    return stream.rest()


def get(url):
    parts = urlsplit(url)
    if parts.scheme != "http":
        raise ValueError(f"{parts.scheme} is not supported, http is")
    path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    with socket.create_connection((parts.hostname, parts.port or 80), 4) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        stream, status = Stream(s), 100
        while 100 <= status < 200:
            first, *lines = stream.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            if not first.startswith("HTTP/"):
                raise ValueError("that is no HTTP")
            status = int(first.split()[1])
        fields = dict(line.split(":", 1) for line in lines)
        return body(stream, {name.lower(): value.strip() for name, value in fields.items()}, status)


try:
    sys.stdout.buffer.write(get(sys.argv[1]))
except (OSError, ValueError) as error:
    sys.exit(f"{sys.argv[1]}: {error}")
