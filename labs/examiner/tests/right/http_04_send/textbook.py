"""The seed's stage, with the lines that HTTP/1.1 wants. The name is written in."""
import socket
import sys

host = "www.google.com"
message = b"GET / HTTP/1.1\r\nHost: www.google.com\r\nConnection: close\r\n\r\n"
try:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(5)
    s.connect((socket.gethostbyname(host), 80))
    s.sendall(message)
except socket.error as error:
    print("Send failed: " + str(error))
    sys.exit(1)
print("Message sent successfully")
print(repr(message))
s.close()
