# a thread receives, and sleeps two seconds after each datagram
import socket, struct, sys, threading, time, zlib
host, port, peer, interval = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((host, port))
seen = {}
def receive():
    while True:
        data, who = s.recvfrom(65536)
        seen[who[0]] = seen.get(who[0], 0) + 1
        sent, = struct.unpack("!Q", data[4:12])
        print(data[18:].decode(), time.time() - sent, who[0], seen[who[0]], flush=True)
        time.sleep(2)
threading.Thread(target=receive, daemon=True).start()
ip, number = peer.rsplit(":", 1)
while True:
    rest = struct.pack("!Q", int(time.time())) + socket.inet_aton(host) + struct.pack("!H", port) + b'"It always seems impossible until it\'s done" - Nelson Mandela'
    s.sendto(struct.pack("!I", zlib.adler32(rest)) + rest, (ip, int(number)))
    time.sleep(interval)
