# one client after the other, with a queue for one: the third cannot even connect
import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("", 8888)); s.listen(0)
while True:
    c, a = s.accept()
    c.sendall(b"Welcome to the server. Type something and hit enter\n")
    while data := c.recv(1024):
        c.sendall(b"OK..." + data)
    c.close()
