"""The textbook's shape, in Spanish, with the port of the lab fixed."""
import socket
import sys

HOST = ""
PORT = 8888

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
try:
    s.bind((HOST, PORT))
except socket.error as error:
    print("No se pudo enlazar el socket: " + str(error))
    sys.exit(1)
s.listen(10)
print("Socket escuchando")
conn, addr = s.accept()
print("Conectado con " + addr[0] + ":" + str(addr[1]))
conn.close()
s.close()
