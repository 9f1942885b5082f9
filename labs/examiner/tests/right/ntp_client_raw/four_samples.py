"""Four requests, of which the one with the shortest way counts."""
#: run python3 {file} {host} {port} {timeout}
import socket, struct, sys, time, os
DELTA = 2208988800
def ts(b):
    s, f = struct.unpack('!II', b)
    if s < 0x80000000: s += 1 << 32
    return s + f / 2**32 - DELTA
def one(sock, server):
    sock.settimeout(TIMEOUT)
    nonce = os.urandom(8)
    req = bytes([0x23]) + bytes(39) + nonce
    end = time.monotonic() + TIMEOUT
    t1 = time.time(); sock.sendto(req, server)
    while True:
        left = end - time.monotonic()
        if left <= 0: raise socket.timeout('timed out')
        sock.settimeout(left)
        data, who = sock.recvfrom(2048); t4 = time.time()
        if who != server: continue
        break
    if len(data) < 48 or data[0] & 7 != 4 or data[24:32] != nonce: raise ValueError('bad answer')
    if data[1] == 0: raise ValueError('kiss of death ' + data[12:16].decode('ascii', 'replace'))
    if data[1] > 15 or data[0] >> 6 == 3: raise ValueError('server is not synchronized')
    if data[40:48] == bytes(8): raise ValueError('no transmit time')
    t2, t3 = ts(data[32:40]), ts(data[40:48])
    return ((t2-t1)+(t3-t4))/2, (t4-t1)-(t3-t2), req, data
host, port, TIMEOUT = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
try:
    server = (socket.gethostbyname(host), port)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    samples = [one(sock, server) for _ in range(4)]
except (OSError, ValueError) as e:
    print('error:', e, file=sys.stderr); sys.exit(1)
o, d, req, data = min(samples, key=lambda s: s[1])
print('request ', ' '.join('%02x' % b for b in req))
print('response', ' '.join('%02x' % b for b in data))
print('offset %.6f s' % o); print('delay %.6f s' % d)
