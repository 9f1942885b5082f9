# a welcome of its own, and answers without their line end
import socket, threading
def talk(c):
    c.sendall(b"hi\n")
    while data := c.recv(1024):
        c.sendall(b"OK..." + data.strip())
    c.close()
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("", 8888)); s.listen(10)
while True:
    threading.Thread(target=talk, args=(s.accept()[0],), daemon=True).start()
