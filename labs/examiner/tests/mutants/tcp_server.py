"""A TCP server of capitals with one fault, named by the first argument. `none` has none."""
#: no_listen listens fail NotReady
#: another_port listens fail WrongAddress
#: reads_a_line answers fail Silent
#: echoes answers fail Different
#: a_part answers fail Missing
#: says_nothing answers fail Closed
#: stays_open closes fail NotClosed
#: answers_twice closes fail Extra
#: one_client goes_on fail Ended
#: accepts_once goes_on fail Silent
#: accepts_once closes fail NotClosed
#: prints_no_port prints_the_client fail NotPrinted
#: is_impatient nothing_early fragile Early
#: strips letters_only fragile Missing
#: clears_a_bit letters_only fragile Different
#: ascii_only other_letters fragile Different
#: ascii_only not_utf8 fragile Different
#: decodes not_utf8 fragile Ended
#: c_string zero_bytes fragile Missing
#: recv_1024 long_sentence fragile Reset
#: minds_the_end half_close fragile Closed
#: mixes waiting_clients fragile Different
#: empty_is_the_end survives_a_client_that_says_nothing fragile Ended
#: insists survives_a_client_that_says_nothing fragile Silent
#: reset_ends_it survives_a_reset fragile Ended
#: keeps_sockets leaves_no_open_files fragile Leaks
#: polls waits_without_work fragile Busy
#: traceback port_taken fragile Traceback
#: exit_code_0 port_taken fragile ExitCode
#: ignores_sigterm ends_at_sigterm fail StillRuns
import select
import signal
import socket
import sys
import time

fault, port = sys.argv[1], int(sys.argv[3])
kept = []


def crash(kind, error, _):
    print(f"Traceback (most recent call last):\n{kind.__name__}: {error}", file=sys.stderr)


def is_ready(sock, time):
    return select.select([sock], [], [], time)[0]


def capitals(sentence):
    match fault:
        case "echoes":
            return sentence
        case "a_part":
            return sentence.upper()[:8]
        case "answers_twice":
            return sentence.upper() * 2
        case "strips":
            return sentence.upper().rstrip()
        case "clears_a_bit":
            return bytes(b & 0xDF if b > 0x40 and b < 0x80 else b for b in sentence)
        case "ascii_only":
            return bytes(b if b < 0x80 else ord("?") for b in sentence.upper())
        case "decodes":
            return sentence.decode().upper().encode()
        case "c_string":
            return sentence.upper().split(b"\0")[0]
    return sentence.upper()


def receive(client):
    if fault == "polls":
        while not is_ready(client, 0):
            pass
    if fault == "is_impatient" and not is_ready(client, 0.1):
        client.sendall(b"Hello?\n")
    if fault == "reads_a_line":
        return client.makefile("rb").readline()
    sentence = client.recv(1024 if fault == "recv_1024" else 65536)
    while fault == "insists" and not sentence:
        sentence = client.recv(65536)
    if fault == "empty_is_the_end" and not sentence:
        time.sleep(0.1)
        sys.exit("no sentence: this is the end")
    return sentence


def answer(client, sentence):
    if fault == "says_nothing":
        return
    if fault == "minds_the_end" and is_ready(client, 0.05):
        return
    client.sendall(capitals(sentence))


def serve(listener, client, address):
    print(f"from {address[0]}" if fault == "prints_no_port" else f"from {address}")
    if fault == "mixes" and is_ready(listener, 0.05):
        other, _ = listener.accept()
        first, second = receive(client), receive(other)
        if first and second:
            first, second = second, first
        answer(client, first)
        answer(other, second)
        other.close()
        time.sleep(0.1)  # so that the story ends here
    else:
        answer(client, receive(client))
    while fault == "accepts_once":
        answer(client, receive(client))
    if fault in ("stays_open", "keeps_sockets"):
        kept.append(client)
    if fault == "keeps_sockets":
        client.shutdown(socket.SHUT_WR)
    elif fault != "stays_open":
        client.close()


def open_socket():
    listener = socket.socket()
    listener.bind(("127.0.0.1", port + 1 if fault == "another_port" else port))
    if fault == "no_listen":
        signal.pause()
    listener.listen(10)
    return listener


sys.excepthook = crash
if fault == "ignores_sigterm":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    listener = open_socket()
except OSError as error:
    if fault == "traceback":
        raise
    print(f"error: cannot bind port {port}: {error.strerror}", file=sys.stderr)
    sys.exit(0 if fault == "exit_code_0" else 1)
while True:
    client, address = listener.accept()
    if fault == "one_client":
        listener.close()
    try:
        serve(listener, client, address)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        if fault == "decodes" and isinstance(error, ValueError):
            sys.exit(1)
        if fault == "reset_ends_it":
            time.sleep(0.1)
            sys.exit(1)
        client.close()
    if fault == "one_client":
        break
