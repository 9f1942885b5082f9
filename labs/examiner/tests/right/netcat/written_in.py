#: run python3 {file}
# localhost and port 8888, written in; only -l, -u and -C are told. select() looks at both sides.
import os
import select
import socket
import sys

HOST, PORT = "localhost", 8888
udp, listening, crlf = "-u" in sys.argv, "-l" in sys.argv, "-C" in sys.argv


def reach():
    if udp:
        s = socket.socket(type=socket.SOCK_DGRAM)
        if not listening:
            s.connect((HOST, PORT))
            return s
        s.bind((HOST, PORT))
        _, peer = s.recvfrom(0, socket.MSG_PEEK)
        s.connect(peer)
    elif listening:
        with socket.create_server((HOST, PORT)) as server:
            s, _ = server.accept()
    else:
        s = socket.create_connection((HOST, PORT), timeout=1)
        s.settimeout(None)
    return s


def talk(s):
    watched = [0, s]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if 0 in ready:
            data = os.read(0, 4096)
            if not data:
                watched.remove(0)
                if not udp:
                    s.shutdown(socket.SHUT_WR)
            if crlf:
                data = data.replace(b"\n", b"\r\n")
            for line in data.splitlines(True):
                s.sendall(line)
        if s in ready:
            data = s.recv(65536)
            if not data and not udp:
                return
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


try:
    talk(reach())
except OSError as error:
    sys.exit(f"netcat: {error}")
