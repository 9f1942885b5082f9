#: run sh {file} {port}
# A process for each client, started by a script that starts another process.
python3 -c '
import socketserver, sys

class Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True
    request_queue_size = 10

    def handle_error(self, request, client_address):
        print("client:", sys.exc_info()[1])

class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"Welcome to the server. Type something and hit enter\n")
        while data := self.request.recv(1024):
            self.request.sendall(b"OK..." + data)

Server.max_children = 100
try:
    server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
except OSError as error:
    sys.exit(f"bind: {error.strerror}")
server.serve_forever(poll_interval=60)
' "$1"
