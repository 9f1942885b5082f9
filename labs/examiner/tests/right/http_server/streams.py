"""socketserver, and a request that is read like lines of a file."""
#: run python3 {file} {port} {root} {idle}
import os
import socketserver
import sys
import urllib.parse

PORT, FOLDER, IDLE = int(sys.argv[1]), os.path.realpath(sys.argv[2]), float(sys.argv[3])
TYPES = {"html": "text/html", "txt": "text/plain", "png": "image/png", "css": "text/css"}


class Visitor(socketserver.StreamRequestHandler):
    timeout = IDLE

    def handle(self):
        try:
            self.respond(*self.look())
            self.wfile.flush()
            self.connection.shutdown(1)
            while self.connection.recv(9999):
                continue
        except OSError as trouble:
            print("visitor lost:", trouble)

    def look(self):
        self.quiet, lines, room = False, [], 20_000
        try:
            while not lines or lines[-1].strip():
                lines.append(self.rfile.readline(room + 1))
                room -= len(lines[-1])
                if room < 0:
                    return "431 Request Header Fields Too Large", None
                if not lines[-1]:
                    raise ConnectionError("left before the end of the head")
        except TimeoutError:
            return "408 Request Timeout", None
        asked = lines[0].decode("latin-1").split()
        self.quiet = asked[:1] == ["HEAD"]
        hosts = [line for line in lines if line[:5].lower() == b"host:"]
        if len(asked) != 3 or asked[2][:7] != "HTTP/1." or (asked[2] == "HTTP/1.1" and not hosts):
            return "400 Bad Request", None
        if asked[0] != "GET" and not self.quiet:
            return "405 Method Not Allowed", None
        place = FOLDER + os.path.normpath("/" + urllib.parse.unquote(asked[1].split("?")[0]))
        if os.path.isdir(place):
            place += "/index.html"
        if "\0" in place or os.path.commonpath([FOLDER, os.path.realpath(place)]) != FOLDER:
            return "404 Not Found", None
        return "200 OK", place

    def respond(self, status, place):
        kind, content = "text/plain", status.encode() + b"\n"
        if place:
            try:
                with open(place, "rb") as page:
                    content = page.read()
                kind = TYPES.get(place.rsplit(".", 1)[-1], "application/octet-stream")
            except OSError:
                status, content = "404 Not Found", b"There is no such page.\n"
        fields = {"Content-Type": kind, "Content-Length": len(content), "Connection": "close"}
        head = [f"HTTP/1.1 {status}"] + [f"{name}: {value}" for name, value in fields.items()]
        self.wfile.write(("\r\n".join(head) + "\r\n\r\n").encode())
        if not self.quiet:
            self.wfile.write(content)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 128


try:
    with Server(("127.0.0.1", PORT), Visitor) as server:
        server.serve_forever()
except OSError as trouble:
    sys.exit(f"port {PORT}: {trouble.strerror}")
