#: run python3 {file} {port} {root} {idle}
"""The library's own server, with what it lacks."""
import http.server
import os
import sys

port, root, idle = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = default_request_version = "HTTP/1.1"
    timeout = idle

    def __init__(self, *args):
        super().__init__(*args, directory=root)

    def do_POST(self):
        self.send_error(405)

    do_PUT = do_DELETE = do_POST

    def parse_request(self):
        if not super().parse_request():
            return False
        if self.request_version == "HTTP/1.1" and "Host" not in self.headers:
            self.close_connection = True
            self.send_error(400)
            return False
        return True

    def handle_one_request(self):
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
            elif self.parse_request():
                getattr(self, "do_" + self.command, self.do_POST)()
        except TimeoutError:
            self.close_connection = True
            self.send_error(408)

    def handle(self):
        try:
            super().handle()
            self.wfile.flush()
            self.connection.shutdown(1)
            self.connection.settimeout(2)
            while self.connection.recv(65536):
                pass
        except OSError as error:
            self.log_message("%s", error)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 100


try:
    server = Server(("127.0.0.1", port), Handler)
except OSError as error:
    sys.exit(f"port {port}: {error}")
print(f"http://127.0.0.1:{port}/ shows {os.path.abspath(root)}")
server.serve_forever()
