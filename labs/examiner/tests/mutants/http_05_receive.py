"""Stage 5 with one fault, named by the first argument. `none` has none."""
#: prints_repr prints_the_response fail Different
#: prints_the_body_only prints_the_response fail NotPrinted
#: never_stops prints_the_response fail StillRuns
#: one_recv reads_to_the_end fail Missing
#: one_recv without_a_length fail Missing
#: one_recv byte_by_byte fragile Missing
#: needs_a_length without_a_length fail Missing
#: needs_a_length byte_by_byte fragile Missing
#: stops_at_a_short_recv byte_by_byte fragile Missing
#: sizes_between_small_pieces byte_by_byte fragile Different
#: replaces every_byte_value fragile Different
#: stops_at_nul every_byte_value fragile Missing
#: decodes every_byte_value fragile Traceback
#: loops_on_nothing no_response fragile StillRuns
#: needs_a_status no_response fragile Traceback
#: waits_for_ever a_silent_server fragile StillRuns
#: waits_for_ever a_dripping_server beyond StillRuns
#: timeout_traceback a_silent_server fragile Traceback
#: each_wait_anew a_dripping_server beyond StillRuns
#: reset_is_fine a_reset fragile ExitCode
#: reset_traceback a_reset fragile Traceback
#: refused_is_fine refused fragile ExitCode
#: refused_traceback refused fragile Traceback
import socket
import sys
import time

fault, host, port, timeout = sys.argv[1], sys.argv[2], int(sys.argv[4]), float(sys.argv[6])


def receive_some(s, size):
    if fault not in ("waits_for_ever", "each_wait_anew"):
        s.settimeout(max(0.001, deadline - time.monotonic()))
    return s.recv(size)


def receive(s):
    """Everything up to the end of the stream."""
    data = b""
    while piece := receive_some(s, 2048 if fault == "one_recv" else 4096):
        data += piece
        if fault == "sizes_between_small_pieces" and len(piece) < 20:
            sys.stdout.buffer.write(piece + b"Received %d bytes\n" % len(piece))
        if fault == "one_recv" or fault == "stops_at_a_short_recv" and len(piece) < 20:
            break
        if fault == "needs_a_length" and b"\r\n\r\n" in data and b"Content-Length" not in data:
            break
    while receive_some(s, 65536):
        pass  # what is left unread would reset the connection, and every story would differ
    while fault == "never_stops" or fault == "loops_on_nothing" and not data:
        s.recv(4096)
    return data


def show(data):
    """The response on standard output."""
    if fault == "prints_repr":
        print(str(data)[2:-1])
    elif fault == "decodes":
        print(data.decode())
    elif fault == "replaces":
        print(data.decode(errors="replace"))
    elif fault == "prints_the_body_only":
        print(data.split(b"\r\n\r\n", 1)[-1].decode(errors="ignore"))
    elif fault == "stops_at_nul":
        sys.stdout.write(data.split(b"\0")[0].decode())
    elif fault != "sizes_between_small_pieces" or len(data) > 100:
        sys.stdout.buffer.write(data)
    if fault == "needs_a_status":
        print("status", data.split()[1].decode(), file=sys.stderr)


UNHANDLED = {
    TimeoutError: "timeout_traceback",
    ConnectionResetError: "reset_traceback",
    ConnectionRefusedError: "refused_traceback",
}
deadline = time.monotonic() + timeout
try:
    s = socket.create_connection((host, port), timeout)
    if fault == "waits_for_ever":
        s.settimeout(None)
    s.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    show(receive(s))
except OSError as error:
    if fault == UNHANDLED.get(type(error)):
        raise
    print(f"cannot get the page of {host}: {error}", file=sys.stderr)
    fine = {"reset_is_fine": ConnectionResetError, "refused_is_fine": ConnectionRefusedError}
    sys.exit(0 if type(error) is fine.get(fault) else 1)
