"""As a textbook has it: a timeout for each call, and the answer read until the server closes. It does
not name the server, which it was told."""
#: run python3 {file} {host} {port} {timeout}
import socket
import sys

host, port, timeout = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.settimeout(timeout)
try:
    client.connect((host, port))
    print("I am", client.getsockname())
    client.sendall(input("Input lowercase sentence: ").encode())
    answer = b""
    while part := client.recv(2048):
        answer += part
except OSError as error:
    sys.exit(f"error: {error}")
print("From server:", answer.decode(errors="replace"))
client.close()
