#: run python3 {file} --port {port} {host}
import argparse
import socket
import sys

parser = argparse.ArgumentParser()
parser.add_argument("host")
parser.add_argument("--port", type=int, default=80)
args = parser.parse_args()
with socket.socket() as s:
    s.settimeout(1)
    try:
        ip = socket.gethostbyname(args.host)
        s.connect((ip, args.port))
    except OSError as error:
        sys.exit(f"Failed to connect to {args.host}: {error}")
    print(f"Socket Connected to {args.host} on ip {ip}")
