"""A netcat with one fault, named by the first argument. `none` has none."""
#: another_port connects fail Ended
#: waits_for_input connects fail Silent
#: strips_line_ends sends fail Missing
#: always_crlf sends fail Different
#: waits_for_the_end sends fail Silent
#: shows_nothing shows fail NotPrinted
#: shows_nothing udp_shows fail NotPrinted
#: takes_turns both_at_once fail NotPrinted
#: takes_turns crlf fail Missing
#: takes_turns fin_at_end_of_input fail NotClosed
#: takes_turns leaves_when_the_server_closes fail NotPrinted
#: takes_turns reset fragile StillRuns
#: no_fin fin_at_end_of_input fail NotClosed
#: leaves_with_its_input goes_on_reading fail Ended
#: stays_for_the_keyboard leaves_when_the_server_closes fail StillRuns
#: text_input every_byte_is_sent fragile Different
#: text_input eight_mebibytes fragile Different
#: text_output every_byte_is_shown fragile Different
#: text_output pieces_are_joined fragile Different
#: text_output eight_mebibytes fragile Different
#: stops_at_zero every_byte_is_shown fragile Missing
#: stops_at_zero eight_mebibytes fragile Different
#: a_line_for_each_recv pieces_are_joined fragile Different
#: a_line_for_each_recv every_byte_is_shown fragile Extra
#: a_line_for_each_recv eight_mebibytes fragile Different
#: one_mebibyte eight_mebibytes fragile Missing
#: asks_all_the_time waits_without_work fragile Busy
#: reset_is_an_end reset fragile ExitCode
#: refused_is_no_error refused fragile ExitCode
#: unknown_is_no_error unknown_name fragile ExitCode
#: no_timeout timeout fragile StillRuns
#: first_address several_addresses fragile Ended
#: ipv4_only ipv6 fragile Ended
#: lf_only crlf fail Different
#: never_listens listens fail Ended
#: binds_only listens fail NotReady
#: server_leaves_with_its_input listens_to_the_end fail Ended
#: taken_is_no_error port_taken fragile ExitCode
#: input_is_a_datagram udp_datagram_a_line fail Extra
#: udp_only_sends udp_shows fail NotPrinted
#: recv_2048 udp_largest fragile Missing
#: empty_is_the_end udp_empty fragile Ended
#: forgets_who_sent udp_listens fail Silent
#: answers_from_elsewhere udp_listens fail WrongSource
import os
import select
import socket
import sys
import threading
import time

fault, rest = sys.argv[1], sys.argv[2:]
options = {word for word in rest if word in ("-l", "-u", "-C")}
words = [word for word in rest if word not in options]
timeout, port = float(words[1]), int(words[-1])
host = words[2] if len(words) > 3 else "127.0.0.1"
listening = "-l" in options and fault != "never_listens"
crlf = "-C" in options and fault != "lf_only" or fault == "always_crlf"
family = socket.AF_INET if fault == "ipv4_only" else socket.AF_UNSPEC


def show(data):
    """Standard output is written to at once, all of it."""
    if fault == "text_output":
        data = data.decode(errors="replace").encode()
    if fault == "stops_at_zero":
        data = data.split(b"\0")[0]
    if fault == "a_line_for_each_recv" and not data.endswith(b"\n"):
        data += b"\n"
    while data and fault != "shows_nothing":
        data = data[os.write(1, data) :]


def read_input():
    data = os.read(0, 65536)
    while fault == "waits_for_the_end" and (more := os.read(0, 65536)):
        data += more
    if fault == "strips_line_ends":
        data = data.rstrip()
    if fault == "text_input":
        data = data.decode(errors="replace").encode()
    return data.replace(b"\n", b"\r\n") if crlf else data


def leave(code=0):
    os._exit(code)  # a thread may still wait for the keyboard


# --- TCP


def connect():
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    error = None
    for *kind, _, address in found[:1] if fault == "first_address" else found:
        if fault == "another_port":
            address = (address[0], 8888)
        try:
            stream = socket.socket(*kind)
            stream.settimeout(None if fault == "no_timeout" else timeout)
            stream.connect(address)
            stream.settimeout(None)
            return stream
        except OSError as failed:
            error = failed
    raise error


def accept():
    if fault == "binds_only":
        server = socket.socket()
        server.bind((host, port))
        time.sleep(60)
    server = socket.create_server((host, port))
    return server.accept()[0]


def send_input(stream):
    sent = 0
    while data := read_input():
        stream.sendall(data)
        sent += len(data)
        if fault == "one_mebibyte" and sent >= 1 << 20:
            break
    if fault == "no_fin":
        return
    if fault == "leaves_with_its_input" or listening and fault == "server_leaves_with_its_input":
        leave()
    stream.shutdown(socket.SHUT_WR)


def take_turns(stream):
    while data := read_input():
        stream.sendall(data)
        show(stream.recv(65536))
    stream.shutdown(socket.SHUT_WR)


def receive(stream):
    while fault == "asks_all_the_time" and not select.select([stream], [], [], 0)[0]:
        pass
    return stream.recv(65536)


def talk(stream):
    if fault == "takes_turns":
        take_turns(stream)
    sending = threading.Thread(target=send_input, args=(stream,), daemon=True)
    sending.start()
    try:
        while data := receive(stream):
            show(data)
    except ConnectionResetError:
        if fault != "reset_is_an_end":
            raise
    if fault == "stays_for_the_keyboard":
        sending.join()


# --- UDP


def send_lines(datagrams, peer):
    if fault == "input_is_a_datagram":
        while data := read_input() + read_input():
            datagrams.sendto(data, peer)
    while line := sys.stdin.buffer.readline():
        if fault == "answers_from_elsewhere" and listening:
            datagrams = socket.socket(type=socket.SOCK_DGRAM)
        if fault != "forgets_who_sent" or not listening:
            datagrams.sendto(line, peer)


def talk_datagrams():
    datagrams = socket.socket(type=socket.SOCK_DGRAM)
    peer = (host, port)
    if listening:
        datagrams.bind(peer)
        data, peer = datagrams.recvfrom(65536)
        show(data)
    threading.Thread(target=send_lines, args=(datagrams, peer), daemon=True).start()
    datagrams.connect(peer)
    while fault == "udp_only_sends":
        time.sleep(60)
    while True:
        data = datagrams.recv(2048 if fault == "recv_2048" else 65536)
        if not data and fault == "empty_is_the_end":
            leave()
        show(data)


try:
    if fault == "waits_for_input":
        select.select([0], [], [])
    if "-u" in options:
        talk_datagrams()
    talk(accept() if listening else connect())
    leave()
except OSError as error:
    print(type(error).__name__, file=sys.stderr, flush=True)
    no_error = {
        "refused_is_no_error": isinstance(error, ConnectionRefusedError),
        "unknown_is_no_error": isinstance(error, socket.gaierror),
        "taken_is_no_error": listening,
    }
    leave(0 if no_error.get(fault) else 1)
