"""The seed's stage, with a timeout. The name and the port are written in."""
import socket
import sys

host = "www.google.com"
port = 80
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
print("Socket Created")
try:
    remote_ip = socket.gethostbyname(host)
except socket.gaierror:
    print("Hostname could not be resolved. Exiting")
    sys.exit(1)
s.settimeout(5)
try:
    s.connect((remote_ip, port))
except socket.error as error:
    print("Could not connect: " + str(error))
    sys.exit(1)
print("Socket Connected to " + host + " on ip " + remote_ip)
s.close()
