"""The textbook's shape, in Spanish, with the port of the lab fixed."""
import socket
import sys

HOST = ""
PORT = 8888

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
print("Socket creado")
try:
    s.bind((HOST, PORT))
except socket.error as error:
    print("No se pudo enlazar el socket: " + str(error))
    sys.exit(1)
s.listen(10)
print("Socket escuchando")
while True:
    conn, addr = s.accept()
    print("Conectado con " + addr[0] + ":" + str(addr[1]))
    try:
        data = conn.recv(1024)
        if data:
            conn.sendall(b"OK..." + data)
    except socket.error as error:
        print("Se perdió el cliente: " + str(error))
    conn.close()
