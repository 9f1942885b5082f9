# as a C program that ignores no signal: it sends to a client that has gone, twice
import signal, socket, time
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", 65432)); s.listen(10)
while True:
    c, a = s.accept()
    try:
        while data := c.recv(1024):
            c.sendall(data)
    except OSError:
        c.send(b"bye")
    c.close()
