"""Stage 3 with one fault, named by the first argument. `none` has none."""
#: does_not_connect connects fail Ended
#: wrong_port connects fail Ended
#: says_only_connected prints_the_address fail NotPrinted
#: sends sends_nothing fail TooMuch
#: receives ends_well fail StillRuns
#: wrong_exit_code ends_well fail ExitCode
#: exit_code_0 refused fragile ExitCode
#: traceback refused fragile Traceback
#: exit_code_0 unanswered fragile ExitCode
#: waits_for_ever unanswered fragile StillRuns
#: timeout_traceback unanswered fragile Traceback
import socket
import sys

fault, host, port, timeout = sys.argv[1], sys.argv[2], int(sys.argv[4]), float(sys.argv[6])
s = socket.socket()
if fault != "waits_for_ever":
    s.settimeout(timeout)
try:
    address = socket.gethostbyname(host)
    print(f"IP address of {host} is", "hidden" if fault == "says_only_connected" else address)
    if fault != "does_not_connect":
        s.connect((address, port + 1 if fault == "wrong_port" else port))
except TimeoutError as error:
    if fault == "timeout_traceback":
        raise
    print(f"cannot connect to {host}: {error}", file=sys.stderr)
    sys.exit(0 if fault == "exit_code_0" else 1)
except OSError as error:
    if fault == "traceback":
        raise
    print(f"cannot connect to {host}: {error}", file=sys.stderr)
    sys.exit(0 if fault == "exit_code_0" else 1)
print(f"Socket connected to {host}", flush=True)
if fault == "sends":
    s.sendall(b"GET / HTTP/1.1\r\n\r\n")
if fault == "receives":
    s.settimeout(None)
    s.recv(4096)
sys.exit(3 if fault == "wrong_exit_code" else 0)
