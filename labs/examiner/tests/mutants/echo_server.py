"""An echo server with one fault, named by the first argument. `none` has none."""
#: other_port listens fail WrongAddress
#: never_listens listens fail NotReady
#: strips_line_ends echoes fail Missing
#: welcome echoes fail Different
#: waits_for_a_line no_newline fail Silent
#: waits_for_a_line byte_by_byte fragile Silent
#: strips_lines white_space fail Different
#: never_closes half_close fail NotClosed
#: decodes every_byte_value fragile Closed
#: lone_byte_is_the_end byte_by_byte fragile Closed
#: one_recv byte_by_byte fragile Closed
#: one_recv eight_mebibytes fragile Missing
#: one_recv a_reader_that_pauses fragile Missing
#: one_recv no_mixing fragile Closed
#: one_recv a_reset_is_its_own fragile Closed
#: first_line_only two_messages_in_one_segment fragile Missing
#: goodbye nothing_is_added fail Extra
#: one_mebibyte eight_mebibytes fragile Missing
#: one_mebibyte a_reader_that_pauses fragile Missing
#: drops_a_slow_reader a_reader_that_pauses fragile Missing
#: one_after_the_other many_at_once fail Waits
#: pool_of_17 no_fixed_number fragile Waits
#: one_active_client reverse_order fail Waits
#: one_active_client no_mixing fail Waits
#: one_thread a_slow_reader_alone_waits fragile Waits
#: global_client no_mixing fail Different
#: global_client reverse_order fail Different
#: shared_buffer no_mixing fail Different
#: nothing_received_ends survives_a_client_that_vanishes fragile Ended
#: early_reset_ends survives_a_reset fragile Ended
#: reset_ends_all a_reset_is_its_own fragile Closed
#: reset_ends_the_server a_reset_is_its_own fragile Ended
#: reset_ends_the_server survives_a_reset fragile Ended
#: keeps_sockets leaves_no_open_files fragile Leaks
#: keeps_threads threads_return fragile Leaks
#: forks_and_never_waits threads_return fragile Leaks
#: asks_again_and_again waits_without_work fragile Busy
#: ends_well_without_its_port port_taken fragile ExitCode
#: traceback_without_its_port port_taken fragile Traceback
#: silent_without_its_port port_taken fragile NoMessage
#: waits_for_its_port port_taken fragile StillRuns
#: no_reuse restarts_at_once fragile NotReady
#: ignores_sigterm ends_at_sigterm fail StillRuns
import concurrent.futures
import os
import select
import signal
import socket
import sys
import threading
import time

fault, port = sys.argv[1], int(sys.argv[3])
sockets = []  # of all clients
pool = concurrent.futures.ThreadPoolExecutor(17)
latest = None
shared = bytearray(65536)


def end(words):
    print(words, flush=True)
    os._exit(1)


def echo(client, data):
    """One piece back. False where that was the last one."""
    if fault == "strips_line_ends":
        data = data.rstrip(b"\n")
    if fault == "strips_lines":
        data = data.strip() + b"\n" if data.endswith(b"\n") else data
    if fault == "decodes":
        data = data.decode().encode()
    if fault == "shared_buffer":
        shared[: len(data)] = data
        time.sleep(0.001)
        data = shared[: len(data)]
    (latest if fault == "global_client" else client).sendall(data)
    return not (fault == "one_recv" or fault == "lone_byte_is_the_end" and len(data) == 1)


def forget_the_rest(client):
    client.shutdown(socket.SHUT_WR)
    while client.recv(65536):
        pass


def serve(client):
    received = 0
    limit = 1 << 20 if fault == "one_mebibyte" else 1 << 60
    line = b""
    if fault == "welcome":
        client.sendall(b"Welcome!\n")
    if fault == "one_recv":
        time.sleep(0.01)  # what was sent in one go has come
    try:
        while data := client.recv(65536):
            received += len(data)
            if fault == "waits_for_a_line":
                line += data
                data, line = (line, b"") if line.endswith(b"\n") else (b"", line)
            if fault == "drops_a_slow_reader" and not select.select([], [client], [], 0.08)[1]:
                limit = min(limit, (7 << 20) - received + len(data))  # 7 MiB in all
            # Only of what comes first: of a long stream, a piece may have any size.
            if fault == "first_line_only" and received == len(data) < 1000 and data.endswith(b"\n"):
                data = data[: data.index(b"\n") + 1]
            if not echo(client, data[: max(0, limit)]) or limit <= len(data):
                forget_the_rest(client)
            limit -= len(data)
        if received == 0 and fault == "nothing_received_ends":
            end("a client said nothing: that should not happen")
    except ConnectionResetError:
        if fault == "reset_ends_the_server" or fault == "early_reset_ends" and received == 0:
            end("connection reset")
        if fault == "reset_ends_all":
            for other in sockets:
                if other is not client:
                    other.shutdown(socket.SHUT_RDWR)
    except (BrokenPipeError, UnicodeDecodeError) as error:
        print(error)
    if fault == "goodbye":
        client.sendall(b"Goodbye!\n")
    if fault in ("keeps_sockets", "never_closes"):
        sockets.append(client)
        if fault == "keeps_sockets":
            client.shutdown(socket.SHUT_WR)
        return
    client.close()
    if fault == "keeps_threads":
        threading.Event().wait()


def listen():
    listener = socket.socket()
    if fault != "no_reuse":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    while True:
        try:
            listener.bind(("127.0.0.1", port + (fault == "other_port")))
            break
        except OSError as error:
            if fault == "traceback_without_its_port":
                raise
            if fault == "waits_for_its_port":
                time.sleep(0.1)
                continue
            if fault != "silent_without_its_port":
                print(f"cannot bind port {port}: {error.strerror}")
            sys.exit(0 if fault == "ends_well_without_its_port" else 1)
    if fault != "never_listens":
        listener.listen(100)
    return listener


def event_loop(listener):
    """One thread for all: each turn serves one client that has sent something."""
    waiting = [listener]
    while True:
        for ready in select.select(waiting, [], [])[0]:
            if ready is listener:
                waiting.append(listener.accept()[0])
                continue
            if fault == "one_thread":
                try:
                    if data := ready.recv(65536):
                        ready.sendall(data)
                        continue
                except OSError:
                    pass
                ready.close()
            else:
                serve(ready)
            waiting.remove(ready)


def main():
    global latest
    if fault == "ignores_sigterm":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    listener = listen()
    if fault == "never_listens":
        threading.Event().wait()
    if fault in ("one_thread", "one_active_client"):
        event_loop(listener)
    listener.setblocking(fault != "asks_again_and_again")
    while True:
        try:
            client, _ = listener.accept()
        except BlockingIOError:
            continue
        client.setblocking(True)
        latest = client
        if fault == "reset_ends_all":
            sockets.append(client)
        if fault == "one_after_the_other":
            serve(client)
        elif fault == "forks_and_never_waits":
            if os.fork() == 0:
                listener.close()
                serve(client)
                os._exit(0)
            client.close()
        elif fault == "pool_of_17":
            pool.submit(serve, client)
        else:
            threading.Thread(target=serve, args=(client,), daemon=True).start()


main()
