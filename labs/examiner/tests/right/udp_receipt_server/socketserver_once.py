"""The library's server, which handles one request and ends."""
#: run python3 {file} --port {port}
import argparse
import socketserver
import sys

parser = argparse.ArgumentParser(description="One datagram, one receipt")
parser.add_argument("--port", type=int, default=12000)
port = parser.parse_args().port


class Receipt(socketserver.BaseRequestHandler):
    def handle(self):
        message, socket = self.request
        print("Server received:", message.decode("utf-8", "replace"))
        print("Message from", self.client_address)
        socket.sendto(b"Message received.", self.client_address)


class Server(socketserver.UDPServer):
    max_packet_size = 65536


try:
    with Server(("127.0.0.1", port), Receipt) as server:
        server.handle_request()
except OSError as error:
    print(f"port {port} cannot be used: {error.strerror}", file=sys.stderr)
    sys.exit(1)
