"""The textbook's shape, in Spanish, with the port of the lab fixed."""
import socket
import sys

HOST = ""
PORT = 8888

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind((HOST, PORT))
    s.listen(10)
    conn, addr = s.accept()
    print("Conectado con " + addr[0] + ":" + str(addr[1]))
    data = conn.recv(1024)
    conn.sendall(data)
except socket.error as error:
    print("Error: " + str(error))
    sys.exit(1)
conn.close()
s.close()
