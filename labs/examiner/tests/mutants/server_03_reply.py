"""Sends the first bytes of one client back, with one fault, named by the first argument. `none` has
none."""
#: never_listens listens fail NotReady
#: closes_without_a_word replies fail Closed
#: never_receives replies fail Silent
#: says_ok replies fail Different
#: strips_line_ends replies fail Missing
#: waits_for_a_line answers_the_first_read fail Silent
#: asks_the_silent nothing_is_added fail Early
#: says_goodbye nothing_is_added fail Extra
#: says_goodbye closes fail Extra
#: waits_for_more closes fail NotClosed
#: loops ends fail StillRuns
#: exits_with_1 ends fail ExitCode
#: decodes every_byte_value fragile Closed
#: stops_at_nul every_byte_value fragile Missing
#: small_buffer a_full_buffer fragile Reset
#: waits_for_bytes survives_a_client_that_vanishes fragile StillRuns
#: raises survives_a_reset fragile Traceback
#: asks_again_and_again waits_without_work fragile Busy
#: shows_a_traceback port_taken fragile Traceback
#: without_reuse restarts_at_once fragile NotReady
#: cannot_be_stopped ends_at_sigterm fail StillRuns
import select
import signal
import socket
import sys

fault, port = sys.argv[1], int(sys.argv[3])


def reply(client):
    if fault == "asks_the_silent" and not select.select([client], [], [], 0.05)[0]:
        client.sendall(b"say something\n")
    while fault == "asks_again_and_again" and not select.select([client], [], [], 0)[0]:
        pass
    if fault == "never_receives":
        signal.pause()
    if fault == "waits_for_a_line":
        data = client.makefile("rb").readline()
    else:
        data = client.recv(512 if fault == "small_buffer" else 1024)
    while fault == "waits_for_bytes" and not data:
        data = client.recv(1024)
    if fault == "decodes":
        data = data.decode().encode()
    if fault == "stops_at_nul":
        data = data.split(b"\0")[0]
    if fault == "strips_line_ends":
        data = data.strip()
    if fault == "says_ok":
        data = b"OK..." + data
    if fault != "closes_without_a_word":
        client.sendall(data)
    if fault == "says_goodbye":
        client.sendall(b"bye\n")
    while fault == "waits_for_more" and data:
        data = client.recv(1024)
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
server.listen(10)
while True:
    client, address = server.accept()
    try:
        reply(client)
    except OSError as error:
        if fault == "raises":
            raise
        print("client:", error.strerror)
    if fault != "loops":
        break
sys.exit(1 if fault == "exits_with_1" else 0)
