"""Stage 4 with one fault, named by the first argument. `none` has none."""
#: no_empty_line sends_a_request fail Missing
#: does_not_send sends_a_request fail Closed
#: http_1_0 request_line fail Different
#: absolute_target request_line fail Different
#: no_host names_the_host fail Missing
#: fixed_host names_the_host fail WrongField
#: keeps_alive asks_to_close fail WrongField
#: no_connection_line asks_to_close fail Missing
#: only_lf line_ends fail Different
#: sends_it_twice nothing_more fail Extra
#: says_only_sent shows_the_request fail NotPrinted
#: invisible_line_ends shows_the_request fail NotPrinted
#: wrong_exit_code ends_well fail ExitCode
#: never_ends ends_well fail StillRuns
#: waits_for_an_answer a_silent_server fragile StillRuns
#: exit_code_0 refused fragile ExitCode
#: traceback refused fragile Traceback
import socket
import sys
import time

fault, host, port, timeout = sys.argv[1], sys.argv[2], int(sys.argv[4]), float(sys.argv[6])
target = f"http://{host}/" if fault == "absolute_target" else "/"
lines = [f"GET {target} HTTP/1.{0 if fault == 'http_1_0' else 1}"]
if fault != "no_host":
    lines.append("Host: " + ("example.com" if fault == "fixed_host" else host))
if fault != "no_connection_line":
    lines.append("Connection: " + ("keep-alive" if fault == "keeps_alive" else "close"))
end = "\n" if fault == "only_lf" else "\r\n"
request = end.join(lines + ["" if fault == "no_empty_line" else end])

try:
    s = socket.create_connection((host, port), timeout)
    if fault == "says_only_sent":
        print("Message sent successfully")
    elif fault == "invisible_line_ends":
        print(request, flush=True)
    else:
        print(repr(request), flush=True)
    if fault != "does_not_send":
        s.sendall(request.encode() * (2 if fault == "sends_it_twice" else 1))
except OSError as error:
    if fault == "traceback":
        raise
    print(f"cannot connect to {host}: {error}", file=sys.stderr)
    sys.exit(0 if fault == "exit_code_0" else 1)
if fault == "waits_for_an_answer":
    s.settimeout(None)
    s.recv(4096)
if fault == "never_ends":
    time.sleep(60)
sys.exit(3 if fault == "wrong_exit_code" else 0)
