"""As the textbook has it: one recv(), one answer, and the next client. The port of the lab is written in."""
from socket import AF_INET, SOCK_STREAM, socket
import sys

serverPort = 12000
serverSocket = socket(AF_INET, SOCK_STREAM)
try:
    serverSocket.bind(("", serverPort))
except OSError as error:
    sys.exit(f"port {serverPort}: {error}")
serverSocket.listen(16)
print("The server is ready to receive")
while True:
    connectionSocket, addr = serverSocket.accept()
    print("Client", addr)
    try:
        sentence = connectionSocket.recv(4096)
        connectionSocket.sendall(sentence.upper())
    except OSError as error:
        print(addr, error)
    connectionSocket.close()
