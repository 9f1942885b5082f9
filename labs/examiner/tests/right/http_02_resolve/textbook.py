"""The seed's stage, with its exit code."""
import socket
import sys

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
print("Socket Created")
host = "www.google.com"
port = 80
try:
    remote_ip = socket.gethostbyname(host)
except socket.gaierror:
    print("Hostname could not be resolved. Exiting")
    sys.exit(1)
print("IP address of " + host + " is " + remote_ip)
