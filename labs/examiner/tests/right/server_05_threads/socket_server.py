"""The library's server, with a thread for each client."""
#: run python3 {file} {port}
import socketserver
import sys


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        print("Connected with %s:%d" % self.client_address)
        try:
            self.request.sendall(b"Welcome to the server. Type something and hit enter\n")
            while data := self.request.recv(1024):
                self.request.sendall(b"OK..." + data)
        except OSError as error:
            print(self.client_address, error)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


try:
    Server(("", int(sys.argv[1])), Handler).serve_forever()
except OSError as error:
    sys.exit(f"Bind failed: {error}")
