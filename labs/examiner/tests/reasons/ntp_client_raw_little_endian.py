# reads the transmit timestamp with the bytes of this computer, and finds it unbelievable
import os, socket, struct, sys, time
host, port, wait = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(wait)
try:
    s.sendto(b"\x23" + bytes(39) + os.urandom(8), (host, port))
    data, who = s.recvfrom(100)
except OSError as error:
    sys.exit(str(error))
seconds, = struct.unpack("<I", data[40:44])
if abs(seconds - 2208988800 - time.time()) > 10 * 365 * 86400:
    sys.exit(f"ntp_client_raw: error: the answer of the server {who[0]} cannot be believed: its clock is at {seconds} s")
print("offset", seconds - 2208988800 - time.time())
