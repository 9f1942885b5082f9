"""A thread for each datagram, on every interface."""
#: run python3 {file} -p {port}
import socketserver
import sys


class Capitals(socketserver.BaseRequestHandler):
    def handle(self):
        datagram, server = self.request
        print("Message received from", *self.client_address)
        try:
            server.sendto(datagram.upper(), self.client_address)
        except OSError as error:
            print(error, file=sys.stderr)


class Server(socketserver.ThreadingUDPServer):
    max_packet_size = 65507
    daemon_threads = True


try:
    with Server(("", int(sys.argv[2])), Capitals) as server:
        server.serve_forever()
except OSError as error:
    sys.exit(f"cannot bind: {error}")
