"""The server of the standard library, with the port of the lab fixed."""
import socketserver
import sys


class Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 10

    def handle_error(self, request, client_address):
        print("client:", sys.exc_info()[1])


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data = self.request.recv(1024)
        self.request.sendall(b"OK..." + data)


try:
    Server(("", 8888), Handler).serve_forever()
except OSError as error:
    sys.exit(f"No se pudo enlazar el socket: {error.strerror}")
