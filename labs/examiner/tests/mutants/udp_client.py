"""A UDP client with one fault, named by the first argument. `none` has none."""
#: says_nothing sends fail Silent
#: ends_at_once sends fail Ended
#: first_word sends fail Missing
#: capitals sends fail Different
#: whole_buffer sends fail Extra
#: prints_the_sentence prints_the_answer fail NotPrinted
#: prints_no_port prints_the_server fail NotPrinted
#: receives_again ends fail StillRuns
#: exit_code_3 ends fail ExitCode
#: asks_nothing asks fragile NotPrinted
#: sends_twice one_datagram fragile Extra
#: a_hundred_letters long_sentence fragile Missing
#: ascii_only other_letters fragile Different
#: ascii_or_nothing other_letters fragile Ended
#: impatient waits_for_the_answer fragile Ended
#: wants_letters empty_answer fragile ExitCode
#: ignores_empty empty_answer fragile StillRuns
#: recv_2048 largest_answer fragile NotPrinted
#: c_string zero_bytes fragile NotPrinted
#: decodes not_utf8 fragile Traceback
#: believes_all strangers fragile Accepted
#: waits_for_ever silent_server fragile StillRuns
#: waits_for_ever nobody_listens fragile StillRuns
#: waits_for_ever chatty_stranger beyond StillRuns
#: zeros_behind_it prints_the_answer fail Printed
#: waits_anew chatty_stranger beyond StillRuns
#: silent_end silent_server fragile NoMessage
#: refusal_is_a_crash nobody_listens fragile Traceback
#: refusal_is_success nobody_listens fragile ExitCode
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
            return sentence.ljust(1024, b"\0")
        case "a_hundred_letters":
            return sentence[:100]
        case "ascii_only":
            return bytes(b if b < 0x80 else ord("?") for b in sentence)
        case "ascii_or_nothing":
            sentence.decode("ascii")
    return sentence


def receive(client):
    deadline = time.monotonic() + (client.gettimeout() or 0)
    while True:
        if client.gettimeout() and fault != "waits_anew":
            client.settimeout(max(0.001, deadline - time.monotonic()))
        answer, sender = client.recvfrom(2048 if fault == "recv_2048" else 65507)
        if fault == "ignores_empty" and not answer:
            continue
        if sender == server or fault == "believes_all":
            return answer


def show(answer):
    if fault == "wants_letters" and not answer:
        sys.exit("error: an empty answer")
    if fault == "zeros_behind_it":
        answer = answer.ljust(2048, b"\0")
    if fault == "c_string":
        answer = answer.split(b"\0")[0]
    print("from", server[0] if fault == "prints_no_port" else server)
    print(answer.decode(errors="strict" if fault == "decodes" else "replace"), flush=True)


sys.excepthook = crash
sentence = input("" if fault == "asks_nothing" else "? ").encode()
if fault == "ends_at_once":
    sys.exit("error: nobody to talk to")
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind(("", server[1] + 1000))  # so that its story is the same each time
client.settimeout({"impatient": 0.25, "waits_for_ever": None}.get(fault, timeout))
try:
    if fault.startswith("refusal"):
        client.connect(server)  # and what the server's system refuses becomes an error
    for _ in range(2 if fault == "sends_twice" else 1):
        if fault != "says_nothing":
            client.sendto(change(sentence), server)
    answer = receive(client)
    if fault == "receives_again":
        show(answer)
        receive(client)
except ConnectionRefusedError as error:
    if fault == "refusal_is_a_crash":
        raise
    print(f"error: {error}", file=sys.stderr)
    sys.exit(0)
except (OSError, UnicodeError) as error:
    sys.exit(1 if fault == "silent_end" else f"error: {error}")
show(sentence if fault == "prints_the_sentence" else answer)
sys.exit(3 if fault == "exit_code_3" else 0)
