"""A Mandela peer with one fault, named by the first argument. `none` has none."""
#: other_port listens fail WrongAddress
#: never_sends sends fail Silent
#: no_double_quotes default_quote fail WrongField
#: ends_with_a_zero default_quote fail WrongField
#: ends_with_a_zero any_quote fail WrongField
#: only_ascii any_quote fail WrongField
#: timestamp_little_endian timestamp fail WrongField
#: timestamp_in_milliseconds timestamp fail WrongField
#: timestamp_of_four_bytes timestamp fail WrongField
#: timestamp_of_four_bytes default_quote fail WrongField
#: timestamp_of_four_bytes any_quote fail WrongField
#: timestamp_of_four_bytes address fail WrongField
#: timestamp_of_four_bytes port fail WrongField
#: address_backwards address fail WrongField
#: says_0_0_0_0 address_of_every_interface fragile WrongField
#: port_little_endian port fail WrongField
#: port_of_the_sender port fail WrongField
#: checksum_of_the_quote checksum fail WrongField
#: checksum_little_endian checksum fail WrongField
#: checksum_with_zeros checksum fail WrongField
#: every_second two_seconds fail Early
#: every_three_seconds two_seconds fail Waits
#: answers_only two_seconds fail Silent
#: answers_only interval fail Silent
#: answers_only a_peer_that_is_not_there fragile Silent
#: answers_only missed_times beyond Silent
#: answers_only sends_while_datagrams_arrive fail Early
#: always_two_seconds interval fail Waits
#: makes_up_for_missed_times missed_times beyond Extra
#: ends_when_continued missed_times beyond Ended
#: last_peer_only several_peers fail Silent
#: cuts_a_long_quote the_longest_quote fragile Missing
#: sends_a_part too_long_quote fragile Accepted
#: counts_letters too_long_quote fragile Traceback
#: ends_when_refused a_peer_that_is_not_there fragile Ended
#: one_thread receives_between_two_sends fail Waits
#: timer_starts_anew sends_while_datagrams_arrive fail Waits
#: sends_on_arrival sends_while_datagrams_arrive fail Early
#: default_peer only_listens fail Extra
#: needs_a_peer only_listens fail Ended
#: never_shows prints_the_quote fail NotPrinted
#: shows_on_standard_error prints_the_quote fail NotPrinted
#: escapes_all_but_ascii prints_any_script fragile NotPrinted
#: no_elapsed prints_elapsed fail NotPrinted
#: never_below_zero a_clock_ahead fragile NotPrinted
#: without_sign a_clock_ahead fragile NotPrinted
#: dates_any_timestamp any_timestamp fragile Ended
#: believes_the_payload prints_the_source fail NotPrinted
#: one_address prints_both_addresses fragile NotPrinted
#: no_count counts fail NotPrinted
#: counts_ports counts_whatever_the_port fail NotPrinted
#: counts_all_together counts_each_source fail NotPrinted
#: refuses_18_bytes an_empty_quote fragile NotPrinted
#: ends_at_a_zero a_zero_byte fragile NotPrinted
#: shows_old_bytes a_short_one_after_a_long_one fragile Printed
#: shows_old_bytes a_zero_byte fragile NotPrinted
#: small_buffer the_largest_datagram fragile NotPrinted
#: trusts_the_size too_short fragile Ended
#: believes_anything corrupt fail Printed
#: ends_at_corrupt corrupt fragile Ended
#: replaces_bad_utf8 not_utf8 fragile Printed
#: decodes_without_care not_utf8 fragile Ended
#: traceback_at_bind port_taken fragile Traceback
#: a_socket_for_each leaves_no_open_files fragile Leaks
#: asks_the_clock waits_without_work fragile Busy
#: ignores_sigterm ends_at_sigterm fail StillRuns
import argparse
import os
import signal
import socket
import struct
import sys
import threading
import time
import zlib
from collections import Counter

QUOTE = '"It always seems impossible until it\'s done" - Nelson Mandela'
LONGEST = 65_507 - 18


def has(*faults):
    return sys.argv[1] in faults


def traceback(kind, error, _):
    """As Python's own, without what differs from version to version."""
    print(f"Traceback (most recent call last):\n  …\n{kind.__name__}: {error}", file=sys.stderr)


sys.excepthook = traceback


parser = argparse.ArgumentParser()
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=5005)
parser.add_argument("--peer", action="store" if has("last_peer_only") else "append", required=has("needs_a_peer"))
parser.add_argument("--interval", type=float, default=1 if has("every_second") else 3 if has("every_three_seconds") else 2)
parser.add_argument("--quote", default=QUOTE.replace('"', "") if has("no_double_quotes") else QUOTE)
args = parser.parse_args(sys.argv[2:])
peers = [args.peer] if isinstance(args.peer, str) else args.peer or []
if has("default_peer"):
    peers = peers or ["127.0.0.1:5006"]
peers = [(peer.split(":")[0], int(peer.split(":")[1])) for peer in peers]
if has("always_two_seconds"):
    args.interval = 2
if has("ignores_sigterm"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

quote = args.quote.encode("ascii", "ignore") if has("only_ascii") else args.quote.encode()
if has("sends_a_part"):
    quote = quote[:LONGEST]
elif len(args.quote if has("counts_letters") else args.quote.encode()) > LONGEST:
    sys.exit("error: the quote does not fit a datagram")
if has("cuts_a_long_quote"):
    quote = quote[:1454]
if has("ends_with_a_zero") and len(quote) < LONGEST:
    quote += b"\0"

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    sock.bind((args.host, args.port + has("other_port")))
except OSError as error:
    if has("traceback_at_bind"):
        raise
    sys.exit(f"error: cannot bind {args.host}:{args.port}: {error}")
mine = sock.getsockname()
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def address_towards(peer):
    if mine[0] != "0.0.0.0" or has("says_0_0_0_0"):
        return mine[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(peer)
        return probe.getsockname()[0]


def datagram(peer):
    now = int(time.time() * (1000 if has("timestamp_in_milliseconds") else 1))
    stamp = struct.pack("<Q" if has("timestamp_little_endian") else "!L" if has("timestamp_of_four_bytes") else "!Q", now)
    address = socket.inet_aton(address_towards(peer))
    port = other.getsockname()[1] if has("port_of_the_sender") else mine[1]
    port = struct.pack("<H" if has("port_little_endian") else "!H", port)
    summed = stamp + (address[::-1] if has("address_backwards") else address) + port + quote
    covered = quote if has("checksum_of_the_quote") else bytes(4) + summed if has("checksum_with_zeros") else summed
    return struct.pack("<L" if has("checksum_little_endian") else "!L", zlib.adler32(covered)) + summed


def send_to_all():
    for peer in peers:
        if has("ends_when_refused"):
            other.connect(peer)
            time.sleep(0.01)  # an answer may be on its way
            if error := other.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                os._exit(error)
        (other if has("ends_when_refused") else sock).sendto(datagram(peer), peer)


def send_for_ever():
    end = time.monotonic()
    while not has("never_sends"):
        send_to_all()
        end = (end if has("makes_up_for_missed_times") else time.monotonic()) + args.interval
        while has("asks_the_clock") and time.monotonic() < end:
            pass
        time.sleep(max(0, end - time.monotonic()))
        if has("ends_when_continued") and time.monotonic() > end + 0.8:
            os._exit(4)  # as with a wait that says EINTR, where this is taken for an error


counts = Counter()
opened = []
buffer = bytearray(65_507)


def bad(why):
    print("bad datagram:", why, file=sys.stderr)


def show(size, source):
    data = bytes(buffer[:size])
    if size < 18 + has("refuses_18_bytes") and not has("trusts_the_size"):
        return bad("too short")
    checksum, stamp, address, port = struct.unpack("!LQ4sH", data[:18])
    if checksum != zlib.adler32(data[4:]) and not has("believes_anything"):
        return sys.exit("corrupt") if has("ends_at_corrupt") else bad("checksum")
    try:
        text = data[18:].decode(errors="replace" if has("replaces_bad_utf8") else "strict")
    except UnicodeDecodeError:
        return sys.exit("not UTF-8") if has("decodes_without_care") else bad("not UTF-8")
    if has("shows_old_bytes"):
        text = bytes(buffer[18:]).split(b"\0")[0].decode(errors="replace")
    if has("ends_at_a_zero"):
        text = text.split("\0")[0]
    if has("escapes_all_but_ascii"):
        text = ascii(text)[1:-1]
    elapsed = int(time.time()) - stamp
    if has("never_below_zero"):
        elapsed = max(0, elapsed)
    if has("without_sign"):
        elapsed = abs(elapsed)
    if has("dates_any_timestamp"):
        time.localtime(stamp)
    claimed = socket.inet_ntoa(address)
    shown = source[0]
    if has("believes_the_payload"):
        shown = claimed
    elif claimed != shown and not has("one_address"):
        shown += f" (it says {claimed})"
    key = source if has("counts_ports") else 0 if has("counts_all_together") else source[0]
    counts[key] += 1
    if has("a_socket_for_each"):
        opened.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    parts = ["sent" if has("no_elapsed") else f"sent {elapsed} s ago", f"from {shown}"]
    if not has("no_count"):
        parts.append(f"number {counts[key]} from there")
    print(text + "\n  " + ", ".join(parts), file=sys.stderr if has("shows_on_standard_error") else sys.stdout)


def receive_one():
    room = 2048 if has("small_buffer") else len(buffer)
    size, source = sock.recvfrom_into(buffer, room)
    show(size, source)


def send_and_receive_in_turn():
    """All in one thread, and each of these ways is wrong."""
    while True:
        send_to_all()
        try:
            if has("one_thread"):
                time.sleep(args.interval)
                sock.setblocking(False)
            elif has("timer_starts_anew"):
                sock.settimeout(args.interval)
            elif has("sends_on_arrival"):
                sock.settimeout(args.interval)
                receive_one()
                continue
            while True:
                receive_one()
                if has("answers_only"):
                    break
        except (BlockingIOError, TimeoutError):
            sock.setblocking(True)


if has("never_shows"):
    send_for_ever()
elif has("one_thread", "timer_starts_anew", "sends_on_arrival", "answers_only"):
    send_and_receive_in_turn()

def receive_for_ever():
    while True:
        receive_one()


# An error of the first one ends the program.
both = [send_for_ever, receive_for_ever] if has("counts_letters") else [receive_for_ever, send_for_ever]
threading.Thread(target=both[1], daemon=True).start()
both[0]()
