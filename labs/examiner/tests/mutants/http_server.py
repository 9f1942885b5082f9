"""A web server with one fault, named by the first argument. `none` has none."""
#: wrong_port listens fail WrongAddress
#: no_status_line answers fail Different
#: says_nothing answers fail Silent
#: never_closes answers fail NotClosed
#: strips gets_a_file fail Different
#: missing_is_an_error_500 not_found fail WrongField
#: missing_ends_the_connection not_found fail Closed
#: head_has_a_body head fail Extra
#: head_has_no_length head fail WrongField
#: always_html content_type fail WrongField
#: no_type content_type fail Missing
#: no_dots_check nothing_above fail Accepted
#: checks_before_decoding nothing_above fail Accepted
#: post_is_get method_not_allowed fail WrongField
#: bad_is_the_front_page bad_request fail WrongField
#: closes_on_bad bad_request fragile Closed
#: no_limit too_large fail WrongField
#: resets_when_too_large too_large fragile Reset
#: never_late too_late fail Silent
#: closes_when_late too_late fragile Closed
#: one_at_a_time many_at_once fail Waits
#: pool_of_17 no_fixed_number fragile Waits
#: shares_the_head each_its_own fragile Different
#: one_megabyte a_long_file fragile Missing
#: one_writer a_slow_reader_alone_waits fragile Waits
#: answers_at_once in_pieces fragile Early
#: text_mode every_byte_value fragile Different
#: no_decoding names_are_decoded fragile WrongField
#: query_in_the_name queries_are_left_out fragile WrongField
#: host_is_optional no_host fragile WrongField
#: host_always http_1_0 fragile WrongField
#: http_1_0_stays http_1_0 fragile NotClosed
#: forgets_the_rest a_second_request fragile Silent
#: closes_without_saying a_second_request fragile Closed
#: garbage_ends_it survives_garbage fragile Ended
#: nothing_ends_it survives_a_client_that_vanishes fragile Ended
#: reset_ends_it survives_a_reset fragile Ended
#: keeps_sockets leaves_no_open_files fragile Leaks
#: busy waits_without_work fragile Busy
#: taken_is_fine port_taken fragile ExitCode
#: traceback port_taken fragile Traceback
#: ignores_sigterm ends_at_sigterm fail StillRuns
import concurrent.futures
import os
import signal
import socket
import sys
import threading
from urllib.parse import unquote

fault, port, root, idle = sys.argv[1], int(sys.argv[3]), sys.argv[5], float(sys.argv[7])
shared, writing, kept = {}, threading.Lock(), []
TYPES = {".html": "text/html", ".txt": "text/plain"}


class Problem(Exception):
    """The request gets this status."""


def head_of(client, data):
    """The head of a request, and what came behind it."""
    while b"\r\n\r\n" not in data:
        if len(data) > 65536 and fault != "no_limit":
            raise Problem(431)
        if fault == "answers_at_once" and 0 < len(data) < 10:
            raise Problem(400)
        try:
            piece = client.recv(65536)
        except TimeoutError:
            raise Problem(408) from None
        if not piece and fault == "nothing_ends_it" and not data:
            shared["dead"] = True
        if not piece:
            raise EOFError
        data += piece
        if "dead" in shared and b"GET /" in data:
            os._exit(3)  # what went wrong with one client shows with the next one
        if piece.startswith(b"GET /") and b" HTTP/1" in piece:
            shared["head"] = piece
    head, _, rest = data.partition(b"\r\n\r\n")
    if fault == "shares_the_head" and threading.active_count() > 5 and "head" in shared:
        head = shared["head"].partition(b"\r\n\r\n")[0].rstrip()
    return head, rest


def page_of(target):
    path = target if fault == "query_in_the_name" else target.split("?")[0]
    if fault == "checks_before_decoding" and ".." in path:
        raise Problem(404)
    if fault != "no_decoding":
        path = unquote(path)
    if ".." in path and fault not in ("no_dots_check", "checks_before_decoding"):
        raise Problem(404)
    name = os.path.join(root, path.lstrip("/") or "index.html")
    try:
        with open(name, "rb") as file:
            body = file.read()
    except OSError:
        if fault == "missing_ends_the_connection":
            raise EOFError from None
        raise Problem(500 if fault == "missing_is_an_error_500" else 404) from None
    if fault == "strips" and b"front" not in body:
        body = body.strip()
    if fault == "text_mode":
        body = body.decode(errors="replace").encode() if len(body) < 10_000 else body
    kind = TYPES.get(os.path.splitext(name)[1], "application/octet-stream")
    return "text/html" if fault == "always_html" else kind, body


def answer(head):
    """The status, type and body of the answer, whether the connection stays, and the method."""
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        if fault == "garbage_ends_it" and len(head) > 1000:
            shared["dead"] = True
        if fault == "closes_on_bad":
            raise EOFError
        if fault == "bad_is_the_front_page" and words == ["GET"]:
            return 200, "text/html", b"hello\n", False, "GET"
        raise Problem(400)
    method, target, version = words
    fields = [line.split(":")[0].lower() for line in lines[1:]]
    old = version == "HTTP/1.0"
    if "host" not in fields and fault != "host_is_optional" and (not old or fault == "host_always"):
        raise Problem(400)
    if method not in ("GET", "HEAD") and fault != "post_is_get":
        raise Problem(501 if fault == "post_is_501" else 405)
    stays = "Connection: close" not in lines and (not old or fault == "http_1_0_stays")
    return 200, *page_of(target), stays, method


def send(client, status, kind, body, stays, method):
    length = 0 if fault == "head_has_no_length" and method == "HEAD" else len(body)
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", f"Content-Length: {length}"]
    if fault == "no_type":
        del lines[1]
    if not stays and fault != "closes_without_saying":
        lines.append("Connection: close")
    head = "" if fault == "no_status_line" else "\r\n".join(lines + ["", ""])
    if method == "HEAD" and fault != "head_has_a_body":
        body = b""
    if fault == "one_megabyte":
        body = body[: 1 << 20]
    with writing if fault == "one_writer" else threading.Lock():
        client.sendall(head.encode() + body)


def talk(client):
    data, stays = b"", True
    while stays:
        try:
            head, data = head_of(client, data)
            if fault == "says_nothing":
                continue
            *page, stays, method = answer(head)
        except Problem as problem:
            status, stays = problem.args[0], False
            if fault == "closes_when_late" and status == 408:
                return
            page, method = (status, "text/plain", f"Problem {status}\n".encode()), "GET"
        if fault == "closes_without_saying":
            stays = False
        if fault == "forgets_the_rest":
            data = b""
        send(client, *page, stays, method)
    if fault == "never_closes":
        client.recv(1)
    if fault != "resets_when_too_large":
        client.shutdown(socket.SHUT_WR)
        while fault != "keeps_sockets" and client.recv(65536):
            pass  # closing with unread data would reset the connection


def serve(client):
    client.settimeout(None if fault == "never_late" else idle)
    try:
        talk(client)
    except ConnectionError:
        if fault == "reset_ends_it":
            shared["dead"] = True
    except (OSError, EOFError):
        pass
    if fault == "keeps_sockets":
        kept.append(client)
    else:
        client.close()


if fault == "ignores_sigterm":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    server = socket.create_server(("127.0.0.1", port + (fault == "wrong_port")), backlog=100)
except OSError as error:
    if fault == "traceback":
        raise
    print(f"cannot listen on port {port}: {error}", file=sys.stderr)
    sys.exit(0 if fault == "taken_is_fine" else 1)
server.setblocking(fault != "busy")
pool = concurrent.futures.ThreadPoolExecutor(17)
while True:
    try:
        client, _ = server.accept()
    except BlockingIOError:
        continue
    if fault == "one_at_a_time":
        serve(client)
    elif fault == "pool_of_17":
        pool.submit(serve, client)
    else:
        threading.Thread(target=serve, args=(client,), daemon=True).start()
