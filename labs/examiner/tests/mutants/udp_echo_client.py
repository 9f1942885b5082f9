"""A UDP echo client with one fault, named by the first argument. `none` has none."""
#: says_nothing sends fail Silent
#: ends_at_once sends fail Ended
#: hard_coded_message sends fail Different
#: first_word sends fail Missing
#: whole_buffer sends fail Extra
#: prints_nothing prints_the_echo fail NotPrinted
#: prints_its_message prints_what_came fail NotPrinted
#: receives_again ends fail StillRuns
#: exit_code_3 ends fail ExitCode
#: sends_twice one_datagram fragile Extra
#: impatient waits_for_the_echo fragile Ended
#: ascii_only other_letters fragile Different
#: wants_bytes empty_echo fragile ExitCode
#: ignores_empty empty_echo fragile StillRuns
#: cuts_the_message largest_message fragile Missing
#: cuts_the_message largest_echo fragile Missing
#: recv_2048 largest_echo fragile NotPrinted
#: c_string zero_bytes fragile NotPrinted
#: decodes not_utf8 fragile Traceback
#: believes_all strangers fragile Accepted
#: waits_for_ever silent_server fragile StillRuns
#: waits_for_ever nobody_listens fragile StillRuns
#: waits_for_ever chatty_stranger beyond StillRuns
#: zeros_behind_it prints_the_echo fail Printed
#: waits_anew chatty_stranger beyond StillRuns
#: silent_end silent_server fragile NoMessage
#: silent_end nobody_listens fragile NoMessage
#: refusal_is_a_crash nobody_listens fragile Traceback
#: refusal_is_success nobody_listens fragile ExitCode
import argparse
import socket
import sys
import time

fault = sys.argv.pop(1)
arguments = argparse.ArgumentParser()
arguments.add_argument("--host")
arguments.add_argument("--port", type=int)
arguments.add_argument("--timeout", type=float)
arguments.add_argument("message")
args = arguments.parse_args()
server = (args.host, args.port)


def traceback(kind, error, _):
    """The same in every version of Python."""
    print(f"Traceback (most recent call last):\n  …\n{kind.__name__}: {error}", file=sys.stderr)


def datagram():
    message = args.message.encode()
    match fault:
        case "hard_coded_message":
            return b"Hello, world"
        case "first_word":
            return message.split(b" ")[0] if b" " in message else message
        case "whole_buffer":
            return message.ljust(1024, b"\0")
        case "ascii_only":
            return bytes(byte if byte < 0x80 else ord("?") for byte in message)
        case "cuts_the_message":
            return message[:1024]
    return message


def receive(client):
    deadline = time.monotonic() + (client.gettimeout() or 0)
    while True:
        if client.gettimeout() and fault != "waits_anew":
            client.settimeout(max(0.001, deadline - time.monotonic()))
        echo, sender = client.recvfrom(2048 if fault == "recv_2048" else 65507)
        if fault == "ignores_empty" and not echo:
            continue
        if sender == server or fault == "believes_all":
            return echo


def show(echo):
    if fault == "wants_bytes" and not echo:
        sys.exit("error: nothing came back")
    if fault == "zeros_behind_it":
        echo = echo.ljust(2048, b"\0")
    if fault == "c_string":
        echo = echo.split(b"\0")[0]
    if fault == "prints_its_message":
        echo = args.message.encode()
    if fault != "prints_nothing":
        print("Received:", echo.decode(errors="strict" if fault == "decodes" else "replace"))


sys.excepthook = traceback
if fault == "ends_at_once":
    sys.exit("error: nobody to talk to")
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout({"impatient": 0.25, "waits_for_ever": None}.get(fault, args.timeout))
try:
    if fault.startswith("refusal"):
        client.connect(server)  # and what the server's system refuses becomes an error
    for _ in range({"sends_twice": 2, "says_nothing": 0}.get(fault, 1)):
        client.sendto(datagram(), server)
    echo = receive(client)
    if fault == "receives_again":
        show(echo)
        receive(client)
except ConnectionRefusedError as error:
    if fault == "refusal_is_a_crash":
        raise
    print(f"error: {error}", file=sys.stderr)
    sys.exit(0)
except OSError as error:
    sys.exit(1 if fault == "silent_end" else f"error: {error}")
show(echo)
sys.exit(3 if fault == "exit_code_3" else 0)
