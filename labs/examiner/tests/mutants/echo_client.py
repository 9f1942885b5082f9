"""An echo client with one fault, named by the first argument. `none` has none."""
#: other_port connects fail Ended
#: never_connects connects fail Silent
#: hard_coded_message sends_the_message fail Different
#: upper_case sends_the_message fail Different
#: sends_its_buffer sends_the_message fail Extra
#: prints_nothing prints_the_echo fail NotPrinted
#: first_piece_only prints_the_echo fail NotPrinted
#: prints_what_it_sent prints_what_came fail NotPrinted
#: waits_for_the_end ends fail NotClosed
#: waits_for_the_end server_closes_early fragile ExitCode
#: waits_for_the_end counts_what_is_missing fragile ExitCode
#: asks_for_1024 sixteen_at_a_time fail Greedy
#: asks_for_17 sixteen_at_a_time fail Greedy
#: reads_ahead sixteen_at_a_time fragile ReadsAhead
#: prints_at_the_end shows_each_piece fragile Printed
#: prints_the_buffer no_stale_bytes fragile Printed
#: short_piece_is_the_end byte_by_byte fragile Closed
#: cuts_the_message a_long_message fragile Missing
#: decodes_each_piece characters_cut_in_two fragile Traceback
#: decodes_each_piece not_text fragile Traceback
#: decodes_the_stream not_text fragile Traceback
#: first_address_only every_address fragile Ended
#: early_end_is_success server_closes_early fragile ExitCode
#: early_end_is_success counts_what_is_missing fragile ExitCode
#: counts_letters counts_bytes fail NotPrinted
#: impatient waits_for_the_echo fragile Ended
#: zeros_behind_a_piece prints_the_echo fail Printed
#: early_end_is_nothing server_closes_early fragile StillRuns
#: early_end_is_nothing counts_what_is_missing fragile StillRuns
#: does_not_count counts_what_is_missing fragile NotPrinted
#: traceback_at_a_reset server_resets fragile Traceback
#: waits_for_ever server_is_silent fragile StillRuns
#: silent_without_server nobody_listens fragile NoMessage
#: traceback_without_server nobody_listens fragile Traceback
import argparse
import codecs
import socket
import sys
import threading

def traceback(kind, error, _):
    """The same in every version of Python."""
    print(f"Traceback (most recent call last):\n  …\n{kind.__name__}: {error}", file=sys.stderr)


sys.excepthook = traceback
fault = sys.argv.pop(1)
arguments = argparse.ArgumentParser()
arguments.add_argument("--host")
arguments.add_argument("--port", type=int)
arguments.add_argument("--timeout", type=float)
arguments.add_argument("message")
args = arguments.parse_args()
decoder = codecs.getincrementaldecoder("utf-8")()


def readable(piece):
    if fault == "decodes_each_piece":
        return piece.decode()
    if fault == "decodes_the_stream":
        return decoder.decode(piece)
    return piece.decode("ascii", "backslashreplace")


def connect():
    if fault == "never_connects":
        threading.Event().wait()
    try:
        address = (args.host, args.port + (fault == "other_port"))
        if fault == "first_address_only":
            address = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][4][:2]
        connection = socket.create_connection(address, args.timeout)
    except OSError as error:
        if fault == "traceback_without_server":
            traceback(type(error), error, None)
            sys.exit(1)
        sys.exit(1 if fault == "silent_without_server" else f"cannot connect: {error.strerror}")
    if fault == "waits_for_ever":
        connection.settimeout(None)
    if fault == "impatient":
        connection.settimeout(0.25)
    return connection


def message():
    if fault == "hard_coded_message":
        return b"Hello, world"
    if fault == "upper_case":
        return args.message.upper().encode()
    if fault == "sends_its_buffer":
        return args.message.encode().ljust(1024, b"\0")
    return args.message.encode()[: 1024 if fault == "cuts_the_message" else None]


def pieces(connection, length):
    """What comes back, piece by piece, until that many bytes are there."""
    most = {"asks_for_1024": 1024, "asks_for_17": 17, "reads_ahead": 1024}.get(fault, 16)
    buffer = bytearray(16)
    came = 0
    while came < length or fault == "waits_for_the_end":
        piece = connection.recv(most)
        if not piece and (fault in ("waits_for_the_end", "hard_coded_message") or length == 1024):
            sys.exit()  # without a word: the examiner has seen enough, and left
        if not piece and fault == "early_end_is_success":
            return
        if not piece and fault != "early_end_is_nothing":
            missing = "" if fault == "does_not_count" else f", {length - came} bytes are missing"
            sys.exit("the server closed early" + missing)
        came += len(piece)
        buffer[: len(piece)] = piece
        if fault == "zeros_behind_a_piece":
            piece = piece.ljust(1016, b"\0")
        if fault == "prints_the_buffer":
            piece = bytes(buffer)
        for i in range(0, len(piece), 16 if fault == "reads_ahead" else 1024):
            yield piece[i : i + (16 if fault == "reads_ahead" else 1024)]
        if fault == "first_piece_only" or fault == "short_piece_is_the_end" and len(piece) < 16:
            return


def main():
    with connect() as connection:
        data = message()
        connection.sendall(data)
        shown = []
        for piece in pieces(connection, len(args.message if fault == "counts_letters" else data)):
            if fault == "prints_what_it_sent":
                piece, data = data[: len(piece)], data[len(piece) :]
            if fault == "prints_at_the_end":
                shown.append(piece)
            elif fault != "prints_nothing":
                print("Received:", readable(piece), flush=True)
        if shown:
            print("Received:", readable(b"".join(shown)))
        print("Closing connection to the server", flush=True)


try:
    main()
except OSError as error:
    if fault == "traceback_at_a_reset" and isinstance(error, ConnectionError):
        raise
    sys.exit(f"the connection is lost: {error}")
