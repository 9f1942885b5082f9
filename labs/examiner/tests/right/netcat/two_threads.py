"""A thread reads the keyboard, the main one the socket."""
#: run python3 {file} {options} --timeout {timeout} {host} {port}
import argparse
import os
import socket
import sys
import threading

parser = argparse.ArgumentParser()
parser.add_argument("-l", action="store_true", dest="listen")
parser.add_argument("-u", action="store_true", dest="udp")
parser.add_argument("-C", action="store_true", dest="crlf")
parser.add_argument("--timeout", type=float, default=5)
parser.add_argument("where", nargs="+")
args = parser.parse_args()
port = int(args.where[-1])
host = args.where[0] if len(args.where) > 1 else "127.0.0.1"


def open_listener():
    kind = socket.SOCK_DGRAM if args.udp else socket.SOCK_STREAM
    s = socket.socket(socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host, port))
    if args.udp:
        _, peer = s.recvfrom(65536, socket.MSG_PEEK)
        s.connect(peer)
        return s
    s.listen(1)
    client, _ = s.accept()
    return client


def open_client():
    if not args.udp:
        s = socket.create_connection((host, port), args.timeout)
        s.settimeout(None)
        return s
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_DGRAM)[0]
    s = socket.socket(family, kind, protocol)
    s.connect(address)
    return s


def keyboard(s):
    try:
        if args.udp:
            for line in sys.stdin.buffer:
                s.send(line.replace(b"\n", b"\r\n") if args.crlf else line)
            return
        while data := os.read(0, 65536):
            s.sendall(data.replace(b"\n", b"\r\n") if args.crlf else data)
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the main thread meets it too


try:
    s = open_listener() if args.listen else open_client()
    threading.Thread(target=keyboard, args=(s,), daemon=True).start()
    while True:
        data = s.recv(65536)
        if not data and not args.udp:
            break
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
except OSError as error:
    print(f"netcat: {error}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)
sys.stdout.flush()
os._exit(0)  # the keyboard may still be waited for
