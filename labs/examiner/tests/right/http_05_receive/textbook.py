"""As a textbook has it: a timeout for each call, and recv() until it brings nothing."""
#: run python3 {file} {host} {port} {timeout}
import socket
import sys

host, port, timeout = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
request = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
try:
    site = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    site.settimeout(timeout)
    site.connect((socket.gethostbyname(host), port))
    site.sendall(request.encode())
    while part := site.recv(4096):
        sys.stdout.buffer.write(part)
except OSError as error:
    sys.exit(f"error: {error}")
site.close()
