"""More than the step asks for: a thread for each client."""
#: run python3 {file} {port}
import socketserver
import sys


class Capitals(socketserver.BaseRequestHandler):
    def handle(self):
        print("Connected with", *self.client_address)
        try:
            self.request.sendall(self.request.recv(65536).upper())
        except OSError as error:
            print(error, file=sys.stderr)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


try:
    with Server(("", int(sys.argv[1])), Capitals) as server:
        server.serve_forever()
except OSError as error:
    sys.exit(f"cannot listen: {error}")
