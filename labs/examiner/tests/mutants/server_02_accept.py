"""Accepts one client and ends, with one fault, named by the first argument. `none` has none."""
#: never_listens listens fail NotReady
#: listens_elsewhere listens fail WrongAddress
#: does_not_wait waits_for_a_client fail Ended
#: asks_again_and_again waits_for_a_client fragile Busy
#: never_accepts accepts fail NotDone
#: prints_no_port prints_the_client fail NotPrinted
#: loops ends_after_one_client fail TooMuch
#: receives ends_after_one_client fail StillRuns
#: misspells_a_call ends_after_one_client fail Traceback
#: welcomes says_nothing fail TooMuch
#: replies says_nothing fail TooMuch
#: asks_who_it_was survives_a_reset fragile Traceback
#: shows_a_traceback port_taken fragile Traceback
#: cannot_be_stopped ends_at_sigterm fail StillRuns
import select
import signal
import socket
import sys
import time

fault, port = sys.argv[1], int(sys.argv[3])


def talk(client):
    if fault == "receives":
        client.recv(1024)
    if fault == "replies" and select.select([client], [], [], 0.2)[0]:
        client.sendall(client.recv(1024))
    if fault == "welcomes":
        client.sendall(b"Hello!\n")
        time.sleep(0.1)
    if fault == "misspells_a_call":
        client.klose()


if fault == "cannot_be_stopped":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.socket()
try:
    server.bind(("127.0.0.1", port + 1 if fault == "listens_elsewhere" else port))
except OSError as error:
    if fault == "shows_a_traceback":
        raise
    sys.exit(f"cannot bind: {error.strerror}")
if fault == "never_listens":
    signal.pause()
server.listen(10)
if fault == "never_accepts":
    signal.pause()
if fault == "does_not_wait":
    server.settimeout(0.2)
if fault == "asks_again_and_again":
    while not select.select([server], [], [], 0)[0]:
        pass
while True:
    try:
        client, address = server.accept()
    except TimeoutError:
        sys.exit()
    print("client", address[0] if fault == "prints_no_port" else address)
    if fault == "asks_who_it_was":
        time.sleep(0.2)  # time for the client to go
        print("it was", client.getpeername()[0])
    try:
        talk(client)
    except OSError:
        pass  # the client has gone
    client.close()
    if fault != "loops":
        break
