"""A UDP server of capitals with one fault, named by the first argument. `none` has none."""
#: no_bind binds fail NotReady
#: another_port binds fail WrongAddress
#: echoes answers fail Different
#: says_nothing answers fail Silent
#: whole_buffer answers fail Extra
#: a_part answers fail Missing
#: one_datagram goes_on fail Ended
#: first_client_only goes_on fail Silent
#: prints_no_port prints_the_client fail NotPrinted
#: strips letters_only fragile Missing
#: clears_a_bit letters_only fragile Different
#: ascii_only other_letters fragile Different
#: ascii_only not_utf8 fragile Different
#: empty_is_the_end empty_datagram fragile Ended
#: ignores_empty empty_datagram fragile Silent
#: ignores_one_byte one_byte fragile Silent
#: recv_1024 one_frame fragile Missing
#: recv_1024 largest_datagram fragile Missing
#: recv_2048 largest_datagram fragile Missing
#: c_string nul_bytes fragile Missing
#: decodes not_utf8 fragile Ended
#: replaces not_utf8 fragile Different
#: joins two_stay_two fragile Extra
#: one_of_two two_stay_two fragile Silent
#: one_of_two each_client_its_own fail Silent
#: keeps_its_buffer stale_tail fragile Extra
#: mixes each_client_its_own fail Different
#: another_socket from_the_port_asked fragile WrongSource
#: refusal_ends_it survives_a_client_that_is_gone fragile Ended
#: new_sockets leaves_no_open_files fragile Leaks
#: polls waits_without_work fragile Busy
#: traceback port_taken fragile Traceback
#: exit_code_0 port_taken fragile ExitCode
#: ignores_sigterm ends_at_sigterm fail StillRuns
import select
import signal
import socket
import sys

fault, port = sys.argv[1], int(sys.argv[3])


def crash(kind, error, _):
    print(f"Traceback (most recent call last):\n{kind.__name__}: {error}", file=sys.stderr)


def another_is_there(server):
    return select.select([server], [], [], 0.05)[0]


def capitals(datagram):
    match fault:
        case "echoes":
            return datagram
        case "whole_buffer":
            return datagram.upper().ljust(1024, b"\0")
        case "a_part":
            return datagram.upper()[:8]
        case "strips":
            return datagram.upper().rstrip()
        case "clears_a_bit":
            return bytes(b & 0xDF if b > 0x40 and b < 0x80 else b for b in datagram)
        case "ascii_only":
            return bytes(b if b < 0x80 else ord("?") for b in datagram.upper())
        case "c_string":
            return datagram.upper().split(b"\0")[0] if b"\0" in datagram else datagram.upper()
        case "decodes":
            return datagram.decode().upper().encode()
        case "replaces":
            return datagram.decode(errors="replace").upper().encode()
    return datagram.upper()


def open_socket():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if fault == "refusal_ends_it":
        server.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR: recvfrom() tells of refusals
    if fault != "no_bind":
        server.bind(("127.0.0.1", port + 1 if fault == "another_port" else port))
    return server


def receive(server, size):
    if fault == "polls":
        server.setblocking(False)
        while True:
            try:
                return server.recvfrom(size)
            except BlockingIOError:
                pass
    return server.recvfrom(size)


def serve(server):
    first, buffer, kept = None, b"", []
    size = {"recv_1024": 1024, "recv_2048": 2048}.get(fault, 65507)
    while True:
        datagram, client = receive(server, size)
        first = first or client
        print(f"from {client[0]}" if fault == "prints_no_port" else f"from {client}")
        if fault == "joins" and another_is_there(server):
            more, sender = server.recvfrom(size)
            if sender == client:
                datagram += more
            else:
                server.sendto(capitals(more), sender)
        if fault == "mixes" and another_is_there(server):
            other, sender = server.recvfrom(size)
            server.sendto(capitals(datagram), sender)
            datagram = other
        if fault == "one_of_two" and another_is_there(server):
            datagram, client = server.recvfrom(size)
        if fault == "empty_is_the_end" and not datagram:
            sys.exit("an empty datagram: this is the end")
        ignored = {"ignores_empty": 0, "ignores_one_byte": 1}.get(fault) == len(datagram)
        if fault == "says_nothing" or ignored or (fault == "first_client_only" and client != first):
            continue
        answer = capitals(datagram)
        if fault == "keeps_its_buffer":
            buffer = answer + buffer[len(answer) :] if len(answer) < 10 else answer
            answer = buffer
        if fault == "new_sockets":
            kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        if fault == "another_socket":
            elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            elsewhere.bind(("127.0.0.1", port + 1))
            elsewhere.sendto(answer, client)
            elsewhere.close()
            continue
        server.sendto(answer, client)
        if fault == "one_datagram":
            return


sys.excepthook = crash
if fault == "ignores_sigterm":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    server = open_socket()
except OSError as error:
    if fault == "traceback":
        raise
    print(f"error: cannot bind port {port}: {error.strerror}", file=sys.stderr)
    sys.exit(0 if fault == "exit_code_0" else 1)
if fault == "no_bind":
    signal.pause()
try:
    serve(server)
except (OSError, ValueError) as error:
    sys.exit(f"error: {error}")
