"""As the textbook has it, with the port of the lab written in."""
from socket import AF_INET, SOCK_DGRAM, socket
import sys

serverPort = 12000
serverSocket = socket(AF_INET, SOCK_DGRAM)
try:
    serverSocket.bind(("", serverPort))
except OSError as error:
    sys.exit(f"port {serverPort}: {error}")
print("The server is ready to receive")
while True:
    message, clientAddress = serverSocket.recvfrom(65536)
    print("Message received from", clientAddress[0], "port", clientAddress[1])
    modifiedMessage = message.upper()
    try:
        serverSocket.sendto(modifiedMessage, clientAddress)
    except OSError as error:
        print("cannot answer:", error)
