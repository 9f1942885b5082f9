"""Answers one client after the other, with one fault, named by the first argument. `none` has none."""
#: never_listens listens fail NotReady
#: says_nothing answers fail Closed
#: without_ok answers fail Different
#: strips_line_ends answers fail Missing
#: waits_for_a_line answers_the_first_read fail Silent
#: asks_the_silent nothing_is_added fail Early
#: says_goodbye nothing_is_added fail Extra
#: says_goodbye closes fail Extra
#: says_goodbye no_stale_bytes fail Extra
#: waits_for_more closes fail NotClosed
#: serves_one_client next_client_is_served fail Ended
#: accepts_one_client next_client_is_served fail Silent
#: keeps_its_buffer no_stale_bytes fail Extra
#: decodes every_byte_value fragile Closed
#: small_buffer a_full_buffer fragile Reset
#: short_backlog ten_wait_in_the_backlog fragile Waits
#: unpacks_nothing survives_a_client_that_vanishes fragile Ended
#: raises survives_a_reset fragile Ended
#: keeps_every_socket leaves_no_open_files fragile Leaks
#: asks_again_and_again waits_without_work fragile Busy
#: shows_a_traceback port_taken fragile Traceback
#: without_reuse restarts_at_once fragile NotReady
#: cannot_be_stopped ends_at_sigterm fail StillRuns
import select
import signal
import socket
import sys

fault, port = sys.argv[1], int(sys.argv[3])
kept = []
buffer, longest = bytearray(1024), 0


def receive(client):
    global longest
    while fault == "asks_again_and_again" and not select.select([client], [], [], 0)[0]:
        pass
    if fault == "waits_for_a_line":
        return client.makefile("rb").readline()
    if fault == "keeps_its_buffer":
        longest = max(longest, client.recv_into(buffer))
        return bytes(buffer[:longest])
    return client.recv(512 if fault == "small_buffer" else 1024)


def reply(client):
    if fault == "asks_the_silent" and not select.select([client], [], [], 0.05)[0]:
        client.sendall(b"say something\n")
    data = receive(client)
    if fault == "decodes":
        data = data.decode(errors="strict" if data else "ignore").encode()
    if fault == "strips_line_ends":
        data = data.strip()
    if data and fault != "says_nothing":
        client.sendall(data if fault == "without_ok" else b"OK..." + data)
    if fault == "says_goodbye":
        client.sendall(b"bye\n")
    while fault == "waits_for_more" and data:
        data = client.recv(1024)
    if fault == "unpacks_nothing":
        first, *rest = data
    if fault == "keeps_every_socket":
        client.shutdown(socket.SHUT_RDWR)
        kept.append(client)
    else:
        client.close()


if fault == "cannot_be_stopped":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.socket()
if fault != "without_reuse":
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    server.bind(("127.0.0.1", port))
except OSError as error:
    if fault == "shows_a_traceback":
        raise
    sys.exit(f"cannot bind: {error.strerror}")
if fault == "never_listens":
    signal.pause()
server.listen(1 if fault == "short_backlog" else 10)
while True:
    client, address = server.accept()
    try:
        reply(client)
    except OSError as error:
        if fault == "raises":
            raise
        print("client:", error.strerror)
    if fault == "serves_one_client":
        break
    if fault == "accepts_one_client":
        signal.pause()
