"""A server of one receipt with one fault, named by the first argument. `none` has none."""
#: no_bind binds fail NotReady
#: another_port binds fail WrongAddress
#: says_nothing answers fail Ended
#: waits_for_more answers fail Silent
#: another_text receipt fail Different
#: a_part receipt fail Missing
#: whole_buffer receipt fail Extra
#: hides_the_message prints_the_message fail NotPrinted
#: prints_no_port prints_the_client fail NotPrinted
#: loops ends fail StillRuns
#: loops one_receipt fragile Extra
#: exit_code_3 ends fail ExitCode
#: crashes ends fail Traceback
#: two_receipts one_receipt fragile Extra
#: polls waits_without_work fragile Busy
#: ignores_empty empty_datagram fragile Silent
#: ignores_one_byte one_byte fragile Silent
#: recv_1024 one_frame fragile NotPrinted
#: recv_1024 largest_datagram fragile NotPrinted
#: recv_2048 largest_datagram fragile NotPrinted
#: zeros_behind_it prints_the_message fail Printed
#: c_string zero_bytes fragile NotPrinted
#: decodes not_utf8 fragile Ended
#: decodes_late not_utf8 fragile Traceback
#: another_socket from_the_port_asked fragile WrongSource
#: waits_for_thanks a_client_that_is_gone fragile Traceback
#: traceback port_taken fragile Traceback
#: exit_code_0 port_taken fragile ExitCode
#: ignores_sigterm ends_at_sigterm fail StillRuns
import select
import signal
import socket
import sys

fault, port = sys.argv[1], int(sys.argv[3])
RECEIPT = {
    "another_text": b"Good morning.",
    "a_part": b"Message",
    "whole_buffer": b"Message received.".ljust(64, b"\0"),
}.get(fault, b"Message received.")


def crash(kind, error, _):
    print(f"Traceback (most recent call last):\n{kind.__name__}: {error}", file=sys.stderr)


def open_socket():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if fault != "no_bind":
        server.bind(("127.0.0.1", port + 1 if fault == "another_port" else port))
    return server


def receive(server):
    size = {"recv_1024": 1024, "recv_2048": 2048}.get(fault, 65507)
    ignored = {"ignores_empty": 0, "ignores_one_byte": 1}.get(fault)
    while True:
        if fault == "polls":
            while not select.select([server], [], [], 0)[0]:
                pass
        message, client = server.recvfrom(size)
        if len(message) != ignored:
            return message, client


def show(message, client):
    if fault == "zeros_behind_it":
        message = message.ljust(2048, b"\0")
    if fault == "c_string":
        message = message.split(b"\0")[0]
    if fault != "hides_the_message":
        errors = "strict" if fault.startswith("decodes") else "replace"
        print("Server received:", message.decode(errors=errors))
    print("Message from", client[0] if fault == "prints_no_port" else client, flush=True)


def answer(server, client):
    if fault == "another_socket":
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", port + 1))
    if fault == "waits_for_thanks":
        server.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR: recvfrom() tells of refusals
    for _ in range(2 if fault == "two_receipts" else 1):
        server.sendto(RECEIPT, client)
    if fault == "waits_for_thanks":
        server.settimeout(0.1)
        try:
            server.recvfrom(100)
        except TimeoutError:
            pass


def serve(server):
    message, client = receive(server)
    if fault == "decodes_late":
        answer(server, client)
    show(message, client)
    if fault == "waits_for_more":
        server.recvfrom(100)
    if fault not in ("says_nothing", "decodes_late"):
        answer(server, client)


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
serve(server)
while fault == "loops":
    serve(server)
if fault == "crashes":
    raise EOFError("no more datagrams")
sys.exit(3 if fault == "exit_code_3" else 0)
