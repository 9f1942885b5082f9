"""Everything on the command line, and a connected socket."""
#: run python3 {file} {host} {port} {message}
import socket
import sys

host, port, message = sys.argv[1], int(sys.argv[2]), sys.argv[3]
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(2)
try:
    client.connect((host, port))
    client.send(message.encode())
    answer = client.recv(65507)
except OSError as error:
    print(f"No answer from {host} port {port}: {error}")
    sys.exit(2)
print("Received message from", *client.getpeername())
print(answer.decode("utf-8", "backslashreplace"))
