"""argparse, and SO_REUSEADDR before its time."""
#: run python3 {file} --host 127.0.0.1 --port {port}
import argparse
import socket
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=8888)
options = parser.parse_args()
with socket.socket() as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    print("Socket created", s, file=sys.stderr)
    try:
        s.bind((options.host, options.port))
    except OSError as error:
        print("error:", error, file=sys.stderr)
        raise SystemExit(1)
    print("bound to", s.getsockname())
