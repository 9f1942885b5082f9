"""A UDP echo server with one fault, named by the first argument. `none` has none."""
#: never_binds binds fail NotReady
#: other_port binds fail WrongAddress
#: upper_case echoes fail Different
#: says_nothing echoes fail Silent
#: whole_buffer echoes fail Extra
#: a_part echoes fail Missing
#: one_datagram goes_on fail Ended
#: first_client_only goes_on fail Silent
#: strips line_ends fail Different
#: strips_the_end line_ends fail Missing
#: empty_is_the_end empty_datagram fragile Ended
#: ignores_empty empty_datagram fragile Silent
#: ignores_one_byte one_byte fragile Silent
#: recv_1024 one_frame fragile Missing
#: recv_1024 largest_datagram fragile Missing
#: recv_2048 largest_datagram fragile Missing
#: c_string nul_bytes fragile Missing
#: decodes not_utf8 fragile Ended
#: replaces not_utf8 fragile Different
#: joins two_stay_two fail Extra
#: one_of_two two_stay_two fragile Silent
#: one_of_two each_client_its_own fail Silent
#: keeps_its_buffer stale_tail fragile Extra
#: mixes each_client_its_own fail Different
#: another_socket from_the_port_asked fragile WrongSource
#: refusal_ends_it survives_a_client_that_is_gone fragile Ended
#: new_sockets leaves_no_open_files fragile Leaks
#: polls waits_without_work fragile Busy
#: ends_well_without_its_port port_taken fragile ExitCode
#: traceback_without_its_port port_taken fragile Traceback
#: ignores_sigterm ends_at_sigterm fail StillRuns
import select
import signal
import socket
import sys

fault, port = sys.argv[1], int(sys.argv[3])
IP_RECVERR = 11


def traceback(kind, error, _):
    """The same in every version of Python."""
    print(f"Traceback (most recent call last):\n  …\n{kind.__name__}: {error}", file=sys.stderr)


def another_is_there(server):
    return bool(select.select([server], [], [], 0.05)[0])


def echo(datagram):
    """What goes back."""
    match fault:
        case "upper_case":
            return datagram.upper()
        case "whole_buffer":
            return datagram.ljust(1024, b"\0")
        case "a_part":
            return datagram[:8]
        case "strips":
            return datagram.strip()
        case "strips_the_end":
            return datagram.rstrip()
        case "c_string":
            return datagram[: datagram.find(b"\0")] if b"\0" in datagram else datagram
        case "decodes":
            return datagram.decode().encode()
        case "replaces":
            return datagram.decode(errors="replace").encode()
    return datagram


def listen():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if fault == "refusal_ends_it":
        server.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)  # recvfrom() tells of refusals
    if fault == "never_binds":
        signal.pause()
    server.bind(("127.0.0.1", port + (fault == "other_port")))
    server.setblocking(fault != "polls")
    return server


def receive(server, size):
    while True:
        try:
            return server.recvfrom(size)
        except BlockingIOError:
            pass


def serve(server):
    first, buffer, kept = None, b"", []
    size = {"recv_1024": 1024, "recv_2048": 2048}.get(fault, 65507)
    while True:
        datagram, client = receive(server, size)
        first = first or client
        if fault == "joins" and another_is_there(server):
            more, sender = server.recvfrom(size)
            if sender == client:
                datagram += more
            else:
                server.sendto(more, sender)
        if fault == "mixes" and another_is_there(server):
            other, sender = server.recvfrom(size)
            server.sendto(datagram, sender)
            datagram = other
        if fault == "one_of_two" and another_is_there(server):
            datagram, client = server.recvfrom(size)
        if fault == "empty_is_the_end" and not datagram:
            sys.exit("an empty datagram: this is the end")
        if {"ignores_empty": 0, "ignores_one_byte": 1}.get(fault) == len(datagram):
            continue
        if fault == "says_nothing" or fault == "first_client_only" and client != first:
            continue
        answer = echo(datagram)
        if fault == "keeps_its_buffer":
            buffer = answer + buffer[len(answer) :] if 0 < len(answer) < 8 else answer
            answer = buffer
        sender = server
        if fault == "another_socket":
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.bind(("127.0.0.1", port + 1))
        sender.sendto(answer, client)
        if fault == "another_socket":
            sender.close()
        if fault == "new_sockets":
            kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        if fault == "one_datagram":
            return


sys.excepthook = traceback
if fault == "ignores_sigterm":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    server = listen()
except OSError as error:
    if fault == "traceback_without_its_port":
        raise
    print(f"cannot bind port {port}: {error.strerror}")
    sys.exit(0 if fault == "ends_well_without_its_port" else 1)
try:
    serve(server)
except (OSError, ValueError) as error:
    sys.exit(f"error: {error}")
