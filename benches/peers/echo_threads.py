"""echo_threads: the echo server of Python's standard library, a thread for each client.

The peer of echo_server in the benchmarks. Like echo_server it prints a line for each client, and
sends the line on at once.
"""

import socketserver


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        print("Connected with %s:%d" % self.client_address, flush=True)
        while data := self.request.recv(4096):
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024


with Server(("127.0.0.1", 0), Echo) as server:
    print("The Python echo server is ready on %s:%d" % server.server_address, flush=True)
    server.serve_forever()
