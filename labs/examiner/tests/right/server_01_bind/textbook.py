"""The textbook's shape, in Spanish, with the port of the lab fixed."""
import socket
import sys

HOST = ""
PORT = 8888

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
print("Socket creado")
try:
    s.bind((HOST, PORT))
except socket.error as error:
    print("No se pudo enlazar el socket: " + str(error))
    sys.exit(1)
print("Socket enlazado al puerto", PORT)
