"""select() on a connected socket, and the transmit timestamp is the time."""
#: run python3 {file} --server={host} --port={port} --wait={timeout}
import argparse
import select
import socket
import struct
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--server", default="pool.ntp.org")
parser.add_argument("--port", type=int, default=123)
parser.add_argument("--wait", type=float, default=5)
args = parser.parse_args()


def hexdump(title, packet):
    print(title)
    for start in range(0, len(packet), 16):
        print(f"{start:04x}:", packet[start : start + 16].hex(":", 1))


def signed(difference):
    return ((difference + 2**63) % 2**64 - 2**63) / 2**32


def clock():
    return int((time.time() + 2_208_988_800) * 2**32) % 2**64


try:
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((args.server, args.port))
    t1 = clock()
    request = struct.pack("!B39xQ", 0x23, t1)
    client.send(request)
    if not select.select([client], [], [], args.wait)[0]:
        sys.exit("timeout: no answer")
    response = client.recv(1024)
    t4 = clock()
except OSError as error:
    sys.exit(f"{args.server}: {error}")
hexdump("Pregunta", request)
hexdump("Respuesta", response)
if len(response) < 48:
    sys.exit("La respuesta es demasiado corta")
first, stratum, kiss, origin, t2, t3 = struct.unpack("!BB10x4s8xQQQ", response[:48])
if first & 7 != 4 or first >> 6 == 3 or not 0 < stratum < 16 or origin != t1 or t3 == 0:
    sys.exit(f"La respuesta no sirve {kiss.decode(errors='replace') if stratum == 0 else ''}")
print("Desfase:", (signed(t2 - t1) + signed(t3 - t4)) / 2, "s")
print("Retardo:", signed(t4 - t1) - signed(t3 - t2), "s")
