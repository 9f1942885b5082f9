"""Binds a socket and ends, with one fault, named by the first argument. `none` has none."""
#: accepts ends fail StillRuns
#: accepts does_not_listen beyond TooMuch
#: exits_with_1 ends fail ExitCode
#: misspells_a_call ends fail Traceback
#: only_prints binds fail NotDone
#: binds_udp binds fail NotDone
#: binds_another_port binds fail WrongAddress
#: binds_another_address binds fail WrongAddress
#: listens does_not_listen beyond TooMuch
#: prints_no_port prints_the_port fail NotPrinted
#: shows_a_traceback port_taken fragile Traceback
#: exits_with_0 port_taken fragile ExitCode
#: says_nothing_of_it port_taken fragile NoMessage
import socket
import sys

fault, port = sys.argv[1], int(sys.argv[3])

kind = socket.SOCK_DGRAM if fault == "binds_udp" else socket.SOCK_STREAM
server = socket.socket(socket.AF_INET, kind)
host = "127.0.0.5" if fault == "binds_another_address" else "127.0.0.1"
try:
    if fault != "only_prints":
        server.bind((host, port + 1 if fault == "binds_another_port" else port))
except OSError as error:
    if fault == "shows_a_traceback":
        raise
    if fault != "says_nothing_of_it":
        print("cannot bind:", error.strerror, file=sys.stderr)
    sys.exit(0 if fault == "exits_with_0" else 1)
if fault in ("listens", "accepts"):
    server.listen(10)
print("bound" if fault == "prints_no_port" else f"bound to port {port}")
if fault == "accepts":
    server.accept()
if fault == "misspells_a_call":
    server.lissen()
server.close()
sys.exit(1 if fault == "exits_with_1" else 0)
