"""An NTP client with one fault, named by the first argument. `none` has none."""
#: mode_1 request fail WrongField
#: version_1 request fail WrongField
#: too_long request fail Extra
#: too_short request fail Missing
#: sends_nothing request fail Ended
#: from_1970 time fail NotPrinted
#: own_clock time fail NotPrinted
#: wrong_sign offset fail Different
#: in_milliseconds offset fail NotPrinted
#: exit_code_1 offset fail ExitCode
#: exit_code_1 stratum fail ExitCode
#: exit_code_1 time fail ExitCode
#: exit_code_1 server_address fail ExitCode
#: whole_delay delay fail NotPrinted
#: no_stratum stratum fail NotPrinted
#: no_address server_address fail NotPrinted
#: no_lookup server_by_name fail Ended
#: only_t3 late_answer fragile NotPrinted
#: impatient late_answer fragile ExitCode
#: impatient delay fail ExitCode
#: signed_fraction fractions fragile NotPrinted
#: decimal_fraction fractions fragile NotPrinted
#: no_era after_2036 fragile NotPrinted
#: version_2 version fragile WrongField
#: zero_transmit transmit_timestamp fragile WrongField
#: fixed_transmit transmit_timestamp fragile WrongField
#: takes_short short_answer fragile Accepted
#: takes_mode wrong_mode fragile Accepted
#: takes_origin wrong_origin fragile Accepted
#: origin_seconds wrong_origin fragile Accepted
#: as_in_1996 wrong_origin fragile WrongField
#: as_in_1996 transmit_timestamp fragile WrongField
#: takes_kiss kiss_code fragile Accepted
#: takes_stratum_16 stratum_16 fragile Accepted
#: takes_leap_3 not_synchronized fragile Accepted
#: rejects_with_0 not_synchronized fragile ExitCode
#: rejects_with_0 short_answer fragile ExitCode
#: rejects_with_0 wrong_mode fragile ExitCode
#: rejects_with_0 wrong_origin fragile ExitCode
#: rejects_with_0 kiss_code fragile ExitCode
#: rejects_with_0 stratum_16 fragile ExitCode
#: takes_port wrong_source_port fragile Accepted
#: takes_address wrong_source_address fragile Accepted
#: waits_for_ever silence fragile StillRuns
#: waits_for_ever nobody_there fragile StillRuns
#: timeout_traceback silence fragile Traceback
#: timeout_traceback nobody_there fragile Traceback
#: refused_traceback nobody_there fragile Traceback
#: refused_is_well nobody_there fragile ExitCode
#: name_traceback unknown_name fragile Traceback
import os
import socket
import struct
import sys
import time

fault, host, port, timeout = sys.argv[1], sys.argv[2], int(sys.argv[4]), float(sys.argv[6])
FROM_1900_TO_1970 = 2_208_988_800


def now():
    since_1900 = int((time.time() + FROM_1900_TO_1970) * 2**32)
    return since_1900 if fault == "no_era" else since_1900 % 2**64


def since(later, earlier):
    if fault == "no_era":
        return (later - earlier) / 2**32
    return ((later - earlier + 2**63) % 2**64 - 2**63) / 2**32


def fail(why):
    print(f"error: {why}", file=sys.stderr)
    sys.exit(0 if fault == "rejects_with_0" and "answer" in why else 1)


def crash(error):
    print(f"Traceback (most recent call last):\n{type(error).__name__}", file=sys.stderr)
    sys.exit(1)


def look_up():
    if fault == "no_lookup":
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            fail(f"{host} is no address")
    try:
        return socket.gethostbyname(host)
    except OSError as error:
        if fault == "name_traceback":
            crash(error)
        fail(f"{host}: {error}")


def build_request():
    first = {"mode_1": 0x21, "version_1": 0x0B, "version_2": 0x13}.get(fault, 0x23)
    # The last two bytes are fixed, so that a picture of it is the same each time.
    transmit = os.urandom(6) + b"\xff\xff"
    if fault in ("zero_transmit", "as_in_1996"):
        transmit = bytes(8)
    if fault == "fixed_transmit":
        transmit = b"\1\2\3\4\5\6\xff\xff"
    request = struct.pack("!B39x8s", first, transmit)
    if fault == "too_long":
        request += bytes(4)
    return request[:44] if fault == "too_short" else request, transmit


def is_stranger(sender, server):
    ip = sender[0] != server[0] and fault != "takes_address"
    return ip or (sender[1] != server[1] and fault != "takes_port")


def check(answer, transmit):
    if len(answer) < 48 and fault != "takes_short":
        fail(f"the answer has {len(answer)} bytes")
    leap, mode, stratum, origin = answer[0] >> 6, answer[0] & 7, answer[1], answer[24:32]
    if mode != 4 and fault != "takes_mode":
        fail(f"the answer has mode {mode}")
    size = {"takes_origin": 0, "as_in_1996": 0, "origin_seconds": 4}.get(fault, 8)
    if origin[:size] != transmit[:size]:
        fail("the answer is not to this request")
    if stratum == 0 and fault != "takes_kiss":
        fail(f"the answer is a kiss: {answer[12:16].decode()}")
    if stratum > 15 and fault != "takes_stratum_16":
        fail(f"the answer has stratum {stratum}")
    if leap == 3 and fault != "takes_leap_3":
        fail("the answer is of a clock that is not synchronized")


def timestamp(seconds, fraction):
    if fault == "signed_fraction" and fraction >= 2**31:
        fraction -= 2**32
    if fault == "decimal_fraction" and fraction > 2**31:
        fraction = int(float(f"0.{fraction}") * 2**32)
    return (seconds << 32) + fraction


def show(server, answer, t1, t4):
    stratum = answer[1]
    words = struct.unpack("!12I", answer.ljust(48, b"\0")[:48])
    t2, t3 = timestamp(*words[8:10]), timestamp(*words[10:12])
    seconds = (t3 >> 32) - FROM_1900_TO_1970
    if t3 < 2**63 and fault != "no_era":
        seconds += 2**32
    if fault == "from_1970":
        seconds += FROM_1900_TO_1970
    print("Time:", time.ctime(time.time() if fault == "own_clock" else seconds))
    offset = (since(t2, t1) + since(t3, t4)) / 2
    offset *= {"wrong_sign": -1, "in_milliseconds": 1000}.get(fault, 1)
    print(f"Offset: {since(t3, t4) if fault == 'only_t3' else offset:.6f}")
    delay = since(t4, t1) - (0 if fault == "whole_delay" else since(t3, t2))
    print(f"Delay: {delay:.6f}")
    print("Stratum:", "?" if fault == "no_stratum" else stratum)
    print("Server:", "?" if fault == "no_address" else server[0])


server = (look_up(), port)
request, transmit = build_request()
if fault == "sends_nothing":
    sys.exit(0)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if fault.startswith("refused"):
    client.connect(server)
client.settimeout({"waits_for_ever": None, "impatient": 0.1}.get(fault, timeout))
try:
    t1 = now()
    client.send(request) if fault.startswith("refused") else client.sendto(request, server)
    answer, sender = client.recvfrom(1024)
    while is_stranger(sender, server):
        answer, sender = client.recvfrom(1024)
    t4 = now()
except TimeoutError as error:
    if fault == "timeout_traceback":
        crash(error)
    fail(f"nothing came from {server[0]}")
except ConnectionRefusedError as error:
    if fault == "refused_traceback":
        crash(error)
    sys.exit(0)
check(answer, transmit)
show(server, answer, t1, t4)
sys.exit(1 if fault == "exit_code_1" else 0)
