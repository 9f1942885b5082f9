#: run python3 {file} --timeout {timeout} {flag} {url}
"""All options of the course, with a file of the socket and readline()."""
import argparse
import socket
import sys
from urllib.parse import urljoin, urlsplit

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("-4", action="store_true")
parser.add_argument("-v", action="store_true")
parser.add_argument("-i", action="store_true")
parser.add_argument("--fail", action="store_true")
parser.add_argument("--location", action="store_true")
parser.add_argument("--output")
parser.add_argument("--timeout", type=float)
args = parser.parse_args()


def tell(mark, head):
    if args.v:
        for line in head.decode("latin-1").splitlines():
            print(mark, line, file=sys.stderr)


def exactly(stream, length):
    data = stream.read(length)
    if len(data) < length:
        raise ValueError("the page is cut short")
    return data


def head_of(stream):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline(65536)
        if not line.endswith(b"\n") or not head and not line.startswith(b"HTTP/1."):
            raise ValueError("this is no answer of a web server")
        head += line
    tell("<", head)
    return head, int(head.split()[1])


def body_of(stream, fields, status):
    if status in (204, 304):
        return b""
    if "chunked" in fields.get("transfer-encoding", ""):
        body = b""
        while size := int(stream.readline().split(b";")[0] or b"?", 16):
            body += exactly(stream, size)
            stream.readline()
        while stream.readline().strip():
            pass
        return body
    if "content-length" in fields:
        return exactly(stream, int(fields["content-length"]))
    return stream.read()


def get(url):
    parts = urlsplit(url)
    if parts.scheme != "http":
        raise ValueError("only plain http is spoken here")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: */*\r\n\r\n".encode()
    tell(">", request)
    with socket.create_connection((parts.hostname, parts.port or 80), args.timeout) as s:
        s.sendall(request)
        stream = s.makefile("rb")
        status = 100
        while status < 200:
            head, status = head_of(stream)
        lines = head.decode("latin-1").splitlines()[1:-1]
        fields = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
        return status, fields, head, body_of(stream, fields, status)


def main():
    url = args.url
    for _ in range(11):
        status, fields, head, body = get(url)
        if not (args.location and status in (301, 302, 303, 307, 308)):
            break
        url = urljoin(url, fields["location"])
    else:
        raise ValueError("the page moves and moves")
    if args.fail and status >= 400:
        raise ValueError(f"status {status}")
    output = open(args.output, "wb") if args.output else sys.stdout.buffer
    output.write((head if args.i else b"") + body)


try:
    main()
except (OSError, ValueError) as error:
    sys.exit(f"{args.url}: {error}")
