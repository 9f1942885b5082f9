"""A TCP client with one fault, named by the first argument. `none` has none."""
#: never_connects connects fail Silent
#: another_port connects fail Ended
#: says_nothing sends fail Silent
#: first_word sends fail Missing
#: capitals sends fail Different
#: closes_at_once sends fail Closed
#: prints_the_sentence prints_the_answer fail NotPrinted
#: prints_no_own_port prints_its_own_address fail NotPrinted
#: prints_no_server prints_the_server beyond NotPrinted
#: waits_on ends fail StillRuns
#: exit_code_3 ends fail ExitCode
#: asks_nothing asks fragile NotPrinted
#: whole_buffer nothing_more fragile Extra
#: a_hundred_letters long_sentence fragile Missing
#: ascii_only other_letters fragile Different
#: ascii_or_nothing other_letters fragile Closed
#: one_recv byte_by_byte fragile NotPrinted
#: one_recv a_letter_in_two_pieces fragile NotPrinted
#: one_recv long_answer fragile NotPrinted
#: replaces_in_pieces a_letter_in_two_pieces fragile NotPrinted
#: decodes_in_pieces a_letter_in_two_pieces fragile Traceback
#: decodes_in_pieces not_utf8 fragile Traceback
#: up_to_4096 long_answer fragile NotPrinted
#: c_string zero_bytes fragile NotPrinted
#: decodes not_utf8 fragile Traceback
#: first_letter no_answer fragile Traceback
#: insists no_answer fragile StillRuns
#: waits_for_ever silent_server fragile StillRuns
#: zeros_behind_it prints_the_answer fail Printed
#: impatient waits_for_the_answer fragile Ended
#: waits_for_ever a_dripping_server beyond StillRuns
#: each_wait_anew a_dripping_server beyond StillRuns
#: silent_end silent_server fragile NoMessage
#: silent_end reset fragile NoMessage
#: refusal_is_a_crash refused fragile Traceback
#: reset_is_an_end reset fragile ExitCode
#: reset_is_a_crash reset fragile Traceback
import signal
import socket
import sys
import time

fault, server, timeout = sys.argv[1], (sys.argv[3], int(sys.argv[5])), float(sys.argv[7])


def crash(kind, error, _):
    print(f"Traceback (most recent call last):\n{kind.__name__}: {error}", file=sys.stderr)


def change(sentence):
    match fault:
        case "first_word":
            return sentence.split()[0]
        case "capitals":
            return sentence.upper()
        case "whole_buffer":
            return sentence + bytes(100)
        case "a_hundred_letters":
            return sentence[:100]
        case "ascii_only":
            return bytes(b if b < 0x80 else ord("?") for b in sentence)
        case "ascii_or_nothing":
            sentence.decode("ascii")
    return sentence


def connect():
    if fault == "never_connects":
        signal.pause()
    address = (server[0], server[1] + 1) if fault == "another_port" else server
    own = ("", server[1] + 1000)  # so that its story is the same each time
    client = socket.create_connection(address, timeout, own)
    if fault == "waits_for_ever":
        client.settimeout(None)
    mine = client.getsockname()
    print("I am", mine[0] if fault == "prints_no_own_port" else mine)
    if fault == "silent_end":
        time.sleep(0.1)  # so that this is seen before the trouble begins
    return client


def receive_some(client):
    if fault not in ("waits_for_ever", "each_wait_anew"):
        client.settimeout(max(0.001, deadline - time.monotonic()))
    if fault == "impatient":
        client.settimeout(0.25)
    return client.recv(4096)


def receive(client):
    answer = b""
    while piece := receive_some(client):
        if fault == "decodes_in_pieces":
            piece.decode()
        if fault == "replaces_in_pieces":
            piece = piece.decode(errors="replace").encode()
        answer += piece
        if fault == "one_recv" or (fault == "up_to_4096" and len(answer) >= 4096):
            show(answer)
            time.sleep(0.1)
            sys.exit(0)
    while fault == "insists" and not answer:
        answer = client.recv(4096)
    return answer


def show(answer):
    if not answer and fault != "first_letter":
        return  # nothing is said of an examiner that has gone
    if fault == "zeros_behind_it":
        answer = answer.ljust(4096, b"\0")
    if fault == "c_string":
        answer = answer.split(b"\0")[0]
    if fault == "first_letter":
        print(chr(answer[0]))
    print("from", "the server" if fault == "prints_no_server" else server)
    print(answer.decode(errors="strict" if fault == "decodes" else "replace"), flush=True)


sys.excepthook = crash
sentence = input("" if fault == "asks_nothing" else "? ").encode()
deadline = time.monotonic() + timeout
try:
    client = connect()
    if fault == "closes_at_once":
        sys.exit("error: nothing to say")
    if fault != "says_nothing":
        client.sendall(change(sentence))
    answer = receive(client)
except ConnectionRefusedError as error:
    if fault == "refusal_is_a_crash":
        raise
    sys.exit(1 if fault == "silent_end" else f"error: {error}")
except ConnectionResetError as error:
    if fault == "reset_is_a_crash":
        raise
    if fault == "reset_is_an_end":
        sys.exit(0)
    sys.exit(1 if fault == "silent_end" else f"error: {error}")
except OSError as error:
    sys.exit(1 if fault == "silent_end" else f"error: {error}")
except UnicodeEncodeError as error:
    sys.exit(f"error: {error}")
show(sentence if fault == "prints_the_sentence" else answer)
if fault == "waits_on":
    signal.pause()
sys.exit(3 if fault == "exit_code_3" else 0)
