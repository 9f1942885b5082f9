import socket
import sys

try:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
except socket.error as msg:
    print("Failed to create socket. Error message: " + str(msg))
    sys.exit(1)
print("Socket Created")
