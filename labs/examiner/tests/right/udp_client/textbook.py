"""As a textbook has it: one timeout, set once, and what is not from the server is left aside."""
#: run python3 {file} {host} {port} {timeout}
import socket
import sys

host, port, timeout = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(timeout)
client.sendto(input("Input lowercase sentence: ").encode(), (host, port))
try:
    server = None
    while server != (host, port):
        answer, server = client.recvfrom(65536)
except OSError as error:
    sys.exit(f"no answer: {error}")
print("From", server, answer.decode(errors="replace"))
client.close()
