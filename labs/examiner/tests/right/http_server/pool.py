"""A pool of workers. Every answer closes its connection."""
#: run python3 {file} --port {port} --root {root} --idle {idle}
import argparse
import mimetypes
import pathlib
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=8080)
parser.add_argument("--root", default=".")
parser.add_argument("--idle", type=float, default=10)
args = parser.parse_args()
ROOT = pathlib.Path(args.root).resolve()
WORDS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
         408: "Request Timeout", 431: "Request Header Fields Too Large"}


class Refused(Exception):
    pass


def read_head(conn):
    head = b""
    while b"\r\n\r\n" not in head:
        if len(head) > 16384:
            raise Refused(431)
        try:
            piece = conn.recv(4096)
        except TimeoutError:
            raise Refused(408)
        if not piece:
            return b""
        head += piece
    return head


def find(head):
    first, *lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Refused(400)
    names = [line.split(":")[0].lower() for line in lines]
    if words[2] == "HTTP/1.1" and "host" not in names:
        raise Refused(400)
    if words[0] not in ("GET", "HEAD"):
        raise Refused(405)
    file = (ROOT / unquote(words[1].split("?")[0]).lstrip("/")).resolve()
    if file.is_dir():
        file = file / "index.html"
    if ROOT not in file.parents or not file.is_file():
        raise Refused(404)
    return file


def answer(conn, status, kind, body, has_body=True):
    head = (f"HTTP/1.1 {status} {WORDS[status]}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n")
    conn.sendall(head.encode() + (body if has_body else b""))
    conn.shutdown(socket.SHUT_WR)
    while conn.recv(65536):  # so that nothing is left unread
        pass


def serve(conn):
    with conn:
        conn.settimeout(args.idle)
        head = b""
        try:
            try:
                head = read_head(conn)
                if not head:
                    return
                file = find(head)
                kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                answer(conn, 200, kind, file.read_bytes(), not head.startswith(b"HEAD"))
            except Refused as status:
                text = f"{status}\n".encode()
                answer(conn, status.args[0], "text/plain", text, not head.startswith(b"HEAD"))
            except ValueError:
                answer(conn, 404, "text/plain", b"404\n")
        except OSError as error:
            print("client:", error, file=sys.stderr)


with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", args.port))
    except OSError as error:
        sys.exit(f"error: port {args.port}: {error.strerror}")
    listener.listen(100)
    workers = ThreadPoolExecutor(64)
    while True:
        conn, _ = listener.accept()
        workers.submit(serve, conn)
