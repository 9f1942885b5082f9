# its error is longer than a line of a terminal
import socket
s = socket.create_server(("127.0.0.1", 65432))
while True:
    c, a = s.accept()
    while data := c.recv(1024):
        words = " ".join(f"word{number}" for number in range(30))
        raise RuntimeError("nobody has thought of a client that says " + words + " and then THE END")
