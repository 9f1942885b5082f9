"""A time server with one fault, named by the first argument. `none` has none."""
#: other_port bound fail WrongAddress
#: needs_no_socket bound fail Ended
#: silent answers fail Silent
#: sends_back answers fail WrongField
#: short_answer answers fail Missing
#: long_answer answers fail Extra
#: other_socket answers fragile WrongSource
#: zero_origin origin fail WrongField
#: stratum_16 stratum_and_leap fail WrongField
#: stratum_0 stratum_and_leap fail WrongField
#: leap_3 stratum_and_leap fail WrongField
#: no_skew clock fail WrongField
#: from_1970 clock fail WrongField
#: no_receive clock fail WrongField
#: whole_seconds fraction fragile WrongField
#: receive_late receive_before_transmit fragile WrongField
#: receive_late fraction fragile WrongField
#: reference_ahead reference fragile WrongField
#: always_4 version fragile WrongField
#: no_poll poll fragile WrongField
#: needs_transmit old_request fail Silent
#: first_client each_client_its_own fail Silent
#: first_client leaves_no_open_files fragile Silent
#: first_client noise fragile Silent
#: first_client other_modes fragile Silent
#: first_client survives_a_client_that_has_gone fragile Silent
#: exactly_48 longer_request fragile Silent
#: short_crash short_request fragile Ended
#: answers_short short_request fragile Extra
#: answers_answers other_modes fragile Extra
#: version_crash noise fragile Ended
#: refused_crash survives_a_client_that_has_gone fragile Ended
#: leaks leaves_no_open_files fragile Leaks
#: busy waits_without_work fragile Busy
#: taken_traceback port_taken fragile Traceback
#: no_sigterm ends_at_sigterm fail StillRuns
import signal
import socket
import struct
import sys
import time

fault, port, skew = sys.argv[1], int(sys.argv[3]), float(sys.argv[5])
FROM_1900_TO_1970 = 2_208_988_800
IP_RECVERR = 11
kept, first = [], None


def now(more=0.0):
    seconds = time.time() + more + (0 if fault == "no_skew" else skew)
    if fault == "whole_seconds":
        seconds = int(seconds)
    if fault != "from_1970":
        seconds += FROM_1900_TO_1970
    # The last two bytes are fixed, so that a picture of it is the same each time.
    return int(seconds * 2**32) % 2**64 | 0xFFFF


def crash(why):
    print(f"Traceback (most recent call last):\n{why}", file=sys.stderr)
    sys.exit(1)


def is_request(request):
    mode, version, transmit = request[0] & 7, request[0] >> 3 & 7, request[40:48]
    if version == 0 and fault == "version_crash":
        crash("AssertionError")
    if len(request) > 48 and fault == "exactly_48":
        return False
    if transmit == bytes(8) and fault == "needs_transmit":
        return False
    return version > 0 and (mode == 3 or fault == "answers_answers")


def answer(request, received):
    leap = 3 if fault == "leap_3" else 0
    version = 4 if fault == "always_4" else request[0] >> 3 & 7
    stratum = {"stratum_0": 0, "stratum_16": 16}.get(fault, 1)
    poll = 0 if fault == "no_poll" else request[2]
    origin = bytes(8) if fault == "zero_origin" else request[40:48]
    reference = now(10 if fault == "reference_ahead" else 0)
    packet = struct.pack(
        "!BBBb8x4sQ8sQ", leap << 6 | version << 3 | 4, stratum, poll, -20, b"LOCL", reference, origin, received
    )
    packet += struct.pack("!Q", now())
    if fault == "long_answer":
        packet += bytes(4)
    return packet[:44] if fault == "short_answer" else packet


if fault == "no_sigterm":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if fault == "needs_no_socket":
    sys.exit(0)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    server.bind(("127.0.0.1", port + 1 if fault == "other_port" else port))
except OSError as error:
    crash(error) if fault == "taken_traceback" else sys.exit(f"error: {error}")
if fault == "refused_crash":
    server.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
server.setblocking(fault != "busy")
while True:
    try:
        request, client = server.recvfrom(65535)
    except BlockingIOError:
        continue
    except ConnectionRefusedError:
        crash("ConnectionRefusedError")
    received = now(0.5 if fault == "receive_late" else 0)
    if fault == "no_receive":
        received = 0
    if len(request) < 48:
        if fault == "short_crash":
            crash("IndexError")
        if fault == "answers_short":
            server.sendto(bytes(48), client)
        continue
    first = first or client
    if not is_request(request) or fault == "silent" or (fault == "first_client" and client != first):
        continue
    sender = server
    if fault in ("leaks", "other_socket"):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if fault == "leaks":
            kept.append(sender)
            sender = server
    sender.sendto(request if fault == "sends_back" else answer(request, received), client)
