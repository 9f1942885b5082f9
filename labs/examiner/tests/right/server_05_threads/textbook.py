"""The textbook's shape, in Spanish, with the port of the lab fixed."""
import socket
import sys
from _thread import start_new_thread

HOST = ""
PORT = 8888

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind((HOST, PORT))
except socket.error as error:
    print("No se pudo enlazar el socket: " + str(error))
    sys.exit(1)
s.listen(10)


def clientthread(conn):
    try:
        conn.sendall(b"Welcome to the server. Type something and hit enter\n")
        while True:
            data = conn.recv(1024)
            if not data:
                break
            conn.sendall(b"OK..." + data)
    except socket.error as error:
        print("Cliente: " + str(error))
    conn.close()


while True:
    conn, addr = s.accept()
    print("Conectado con " + addr[0] + ":" + str(addr[1]))
    start_new_thread(clientthread, (conn,))
