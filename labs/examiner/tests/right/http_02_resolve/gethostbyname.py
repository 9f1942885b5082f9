import socket
import sys

host = "www.google.com"
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
print("Socket Created")
try:
    remote_ip = socket.gethostbyname(host)
except socket.gaierror:
    print("Hostname could not be resolved. Exiting")
    sys.exit(1)
print("Ip address of " + host + " is " + remote_ip)
