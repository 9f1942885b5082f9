import socket
import sys

try:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        print("Socket created:", s.fileno())
except OSError as error:
    sys.exit(f"Failed to create socket: {error}")
