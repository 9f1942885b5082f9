import socket

hostname = socket.gethostname()
try:
    ip = socket.gethostbyname(hostname)
except socket.gaierror:
    print("no hay dirección IP para", hostname)
    raise SystemExit(1)
print(f"Host name [{hostname}] and ip [{ip}]")
if ip.startswith("127."):
    print("Warning: loopback only")
