"""Stage 1 with one fault, named by the first argument. `none` has none."""
#: wrong_exit_code ends_well fail ExitCode
#: never_ends ends_well fail StillRuns
#: says_nothing says_so fail NotPrinted
#: only_says_so creates_a_socket fail NotDone
#: udp creates_a_socket fail NotDone
#: exit_code_0 creates_a_socket fragile ExitCode
#: traceback creates_a_socket fragile Traceback
#: connects asks_nobody fail TooMuch
import socket
import sys
import time

fault = sys.argv[1]
kind = socket.SOCK_DGRAM if fault == "udp" else socket.SOCK_STREAM
try:
    if fault != "only_says_so":
        s = socket.socket(socket.AF_INET, kind)
except OSError as error:
    if fault == "traceback":
        raise
    print("cannot create a TCP socket:", error, file=sys.stderr)
    sys.exit(0 if fault == "exit_code_0" else 1)
if fault != "says_nothing":
    print("Socket created", flush=True)
if fault == "connects":
    try:
        s.settimeout(5)
        s.connect(("www.google.com", 80))
    except OSError:
        pass  # the examiner gives the name in one check only
if fault == "never_ends":
    time.sleep(60)
sys.exit(3 if fault == "wrong_exit_code" else 0)
