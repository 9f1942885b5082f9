"""A web client with one fault, named by the first argument. `none` has none."""
#: prints_repr gets_a_page fail Different
#: prints_no_body gets_a_page fail NotPrinted
#: root_only requests_it fail Different
#: fixed_host requests_it fail WrongField
#: no_host requests_it fail Missing
#: waits_for_the_end content_length fail StillRuns
#: prints_the_chunks chunked fail Different
#: waits_behind_the_chunks chunked fail StillRuns
#: one_recv_without_a_length until_the_end fail Missing
#: no_include includes_the_head fail NotPrinted
#: no_verbose tells_the_conversation fail NotPrinted
#: no_output writes_a_file fail NotDone
#: error_page_is_an_error shows_an_error_page fail ExitCode
#: no_fail fails fail ExitCode
#: no_location follows fail NotDone
#: joins_wrongly follows fail Different
#: always_follows stays fail TooMuch
#: no_limit stops_after_ten fragile TooMuch
#: five_redirects stops_after_ten fragile NotDone
#: https_is_http says_no_to_https fail TooMuch
#: head_in_one_recv byte_by_byte fragile ExitCode
#: size_in_one_recv chunks_byte_by_byte fragile ExitCode
#: no_trailers chunks_byte_by_byte fragile StillRuns
#: replaces every_byte_value fragile Different
#: decodes every_byte_value fragile Traceback
#: prints_all_that_came nothing_behind_it fragile Printed
#: first_answer_counts interim_answers fragile NotPrinted
#: body_of_204 no_content fragile StillRuns
#: short_is_fine cut_short fragile ExitCode
#: no_last_chunk_is_fine chunks_cut_short fragile ExitCode
#: first_address every_address fragile Ended
#: nothing_is_fine no_response fragile ExitCode
#: anything_is_http not_http fragile ExitCode
#: waits_for_ever a_silent_server fragile StillRuns
#: reset_is_fine a_reset fragile ExitCode
#: refused_is_fine refused fragile ExitCode
#: refused_traceback refused fragile Traceback
import socket
import sys
from urllib.parse import urljoin, urlsplit

fault, flag, timeout, page = sys.argv[1], sys.argv[2], float(sys.argv[4]), sys.argv[5]


class Wrong(Exception):
    """The answer cannot be understood."""


class Connection:
    def __init__(self, url):
        host, port = url.hostname, url.port or 80
        if fault == "first_address":
            host = socket.gethostbyname(host)
        self.socket = socket.create_connection((host, port), timeout)
        if fault == "waits_for_ever":
            self.socket.settimeout(None)
        self.data = b""

    def more(self):
        piece = self.socket.recv(4096)
        self.data += piece
        return piece

    def drain(self):
        """What is left unread would reset the connection, and every story would differ."""
        self.socket.settimeout(1)
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            pass

    def take(self, length, must=True):
        """So many bytes; fewer at the end of the stream, where that may be."""
        while len(self.data) < length and self.more():
            pass
        if len(self.data) < length and must:
            raise Wrong("the page is cut short")
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def until(self, end):
        while end not in self.data:
            if not self.more():
                raise Wrong("the answer is cut short")
            one_recv = {"head_in_one_recv": b"\r\n\r\n", "size_in_one_recv": b"\r\n"}
            if one_recv.get(fault) == end and end not in self.data:
                self.drain()
                raise Wrong("the answer is incomplete")
        taken, _, self.data = self.data.partition(end)
        return taken

    def chunks(self):
        body = b""
        try:
            while size := int(self.until(b"\r\n").split(b";")[0], 16):
                body += self.take(size)
                self.take(2)
        except Wrong:
            if fault != "no_last_chunk_is_fine":
                raise
            return body
        if fault == "waits_behind_the_chunks":
            self.take(1 << 30, must=False)
        if fault == "no_trailers" and not self.take(2) == b"\r\n":
            self.take(1 << 30, must=False)
        while fault != "no_trailers" and self.until(b"\r\n"):
            pass
        return body


def get(url):
    """The status, the fields, the head and the body of a page."""
    connection = Connection(url)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    if fault == "root_only" and "?" in target:
        target = "/"
    host = "example.com" if fault == "fixed_host" and "?" in target else url.netloc
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
    if fault == "no_host" and "?" in target:
        del lines[1]
    if flag == "-v" and fault != "no_verbose":
        print(*(f"> {line}" for line in lines), sep="\n", file=sys.stderr)
    connection.socket.sendall("\r\n".join(lines + ["", ""]).encode())
    status = 100
    while status < 200:
        try:
            head = connection.until(b"\r\n\r\n") + b"\r\n\r\n"
        except Wrong:
            if fault == "nothing_is_fine" and not connection.data:
                sys.exit(0)
            raise
        if fault == "anything_is_http" and not head.startswith(b"HTTP/1."):
            sys.exit(0)
        if not head.startswith(b"HTTP/1."):
            raise Wrong("this is not HTTP")
        status = int(head.split()[1])
        if fault == "first_answer_counts":
            break
    if flag == "-v" and fault != "no_verbose":
        print(*(f"< {line}" for line in head.decode().splitlines()), sep="\n", file=sys.stderr)
    fields = dict(line.split(": ", 1) for line in head.decode().lower().splitlines()[1:-1])
    length = fields.get("content-length")
    if status == 204 and fault != "body_of_204":
        body = b""
    elif fields.get("transfer-encoding") == "chunked" and fault != "prints_the_chunks":
        body = connection.chunks()
    elif fault == "prints_the_chunks" and "transfer-encoding" in fields:
        body = connection.until(b"\r\n0\r\n")
    elif length and fault != "waits_for_the_end":
        body = connection.take(int(length), must=fault != "short_is_fine")
        if fault == "prints_all_that_came":
            body += connection.data
    elif fault == "first_answer_counts" and status < 200:
        connection.drain()
        body = b""
    elif fault == "one_recv_without_a_length":
        body = connection.data or connection.socket.recv(4096)
        connection.drain()
    else:
        body = connection.take(1 << 30, must=False)
        if length and len(body) < int(length):
            raise Wrong("the page is cut short")
    return status, head.decode("latin-1"), head, body


def run():
    url, limit = urlsplit(page), {"no_limit": 15, "five_redirects": 5}.get(fault, 10)
    for redirects in range(limit + 1):
        if url.scheme == "https" and fault != "https_is_http":
            raise Wrong("this program speaks plain http only")
        status, text, head, body = get(url)
        place = [line[10:] for line in text.splitlines() if line.startswith("Location: ")]
        follow = (flag == "--location" and fault != "no_location") or fault == "always_follows"
        if not (place and follow):
            break
        if fault == "joins_wrongly" and "/" not in place[0]:
            place[0] = "/" + place[0]
        url = urlsplit(urljoin(url.geturl(), place[0]))
    else:
        raise Wrong("too many redirects")
    if status >= 400 and (flag == "--fail" and fault != "no_fail" or fault == "error_page_is_an_error"):
        raise Wrong(f"the server answered {status}")
    if flag == "-i" and fault != "no_include":
        body = head + body
    if flag.startswith("--output=") and fault != "no_output":
        with open(flag.removeprefix("--output="), "wb") as file:
            file.write(body)
    elif fault == "prints_repr":
        print(str(body)[2:-1])
    elif fault == "decodes":
        print(body.decode())
    elif fault == "replaces":
        print(body.decode(errors="replace"))
    elif fault != "prints_no_body":
        sys.stdout.buffer.write(body)


try:
    run()
except (OSError, Wrong) as error:
    if fault == "refused_traceback" and isinstance(error, ConnectionRefusedError):
        raise
    if fault not in ("always_follows", "https_is_http", "no_limit"):
        print(f"cannot get {page}: {error}", file=sys.stderr)
    fine = {"reset_is_fine": ConnectionResetError, "refused_is_fine": ConnectionRefusedError}
    sys.exit(0 if type(error) is fine.get(fault) else 1)
