"""Talks to many clients at once, with one fault, named by the first argument. `none` has none."""
#: never_listens listens fail NotReady
#: without_a_welcome welcomes fail Silent
#: other_words welcomes fail Different
#: no_line_end welcomes fail Missing
#: without_ok answers fail Different
#: only_welcomes answers fail Closed
#: never_receives answers fail Silent
#: strips_line_ends answers fail Missing
#: answers_once answers_each_thing fail Closed
#: asks_the_silent nothing_is_added fail Early
#: never_closes closes_after_its_client fail NotClosed
#: never_closes threads_return fragile Leaks
#: reads_lines no_newline fragile Silent
#: decodes every_byte_value fragile Closed
#: drops_the_rest a_long_message fragile Missing
#: one_at_a_time second_client_is_not_kept_waiting fail Waits
#: pool_of_five many_at_once fail Waits
#: pool_of_17 no_fixed_number fragile Waits
#: goes_round reverse_order fail Waits
#: goes_round no_mixing fail Waits
#: locks_its_sends a_slow_reader_alone_waits fragile Waits
#: shares_its_buffer no_mixing fail Different
#: ends_with_a_client survives_a_client_that_vanishes fragile Ended
#: ends_with_a_reset survives_a_reset fragile Ended
#: ends_with_a_reset a_crash_is_its_own fragile Ended
#: closes_another_client a_crash_is_its_own fragile Closed
#: keeps_every_socket leaves_no_open_files fragile Leaks
#: keeps_every_thread threads_return fragile Leaks
#: forks_and_never_waits threads_return fragile Leaks
#: asks_again_and_again waits_without_work fragile Busy
#: shows_a_traceback port_taken fragile Traceback
#: without_reuse restarts_at_once fragile NotReady
#: cannot_be_stopped ends_at_sigterm fail StillRuns
import concurrent.futures
import os
import queue
import select
import signal
import socket
import sys
import threading
import time

fault, port = sys.argv[1], int(sys.argv[3])
welcome = b"Welcome to the server. Type something and hit enter\n"
if fault == "other_words":
    welcome = b"Hello! Say something, please, and then press the enter key\n"
if fault == "no_line_end":
    welcome = welcome.strip()
connected, kept = [], []
sending = threading.Lock()
shared = []
to_go_round = queue.Queue()


def end(why):
    print(why, flush=True)
    os._exit(1)


def receive(client):
    while fault == "asks_again_and_again" and not select.select([client], [], [], 0)[0]:
        pass
    if fault == "reads_lines":
        return client.makefile("rb").readline()
    data = client.recv(1024)
    while fault == "drops_the_rest" and len(data) == 1024 and select.select([client], [], [], 0)[0]:
        if not client.recv(65536):
            break
    return data


def answer(client, data):
    if fault == "strips_line_ends":
        data = data.strip()
    if fault == "decodes":
        data = data.decode().encode()
    if fault == "shares_its_buffer" and len(connected) >= 10:
        shared.append(data)
        deadline = time.monotonic() + 1
        while len(shared) < 10 and time.monotonic() < deadline:
            time.sleep(0.01)
        if len(shared) >= 10:  # all of them speak at once
            data = max(shared)
        else:
            shared.remove(data)
    data = data if fault == "without_ok" else b"OK..." + data
    if fault == "locks_its_sends":
        with sending:
            client.sendall(data)
    else:
        client.sendall(data)


def talk(client):
    if fault != "without_a_welcome":
        client.sendall(welcome)
    if fault == "asks_the_silent" and not select.select([client], [], [], 0.05)[0]:
        client.sendall(b"say something\n")
    if fault == "never_receives":
        signal.pause()
    spoken = False
    while data := receive(client):
        if fault == "only_welcomes":
            return
        answer(client, data)
        spoken = True
        if fault == "answers_once":
            client.shutdown(socket.SHUT_WR)  # an end of the stream, whatever comes yet
            while receive(client):
                pass
            return
        if fault == "goes_round":
            return to_go_round.put(client)
    if fault == "ends_with_a_client" and not spoken:
        end("a client has gone")


def serve(client):
    connected.append(client)
    try:
        talk(client)
    except ConnectionError as error:
        if fault == "ends_with_a_reset":
            end(f"a client: {error.strerror}")
        if fault == "closes_another_client":
            connected[0].shutdown(socket.SHUT_WR)
    except (OSError, ValueError):
        pass  # the trouble of one client
    if fault == "goes_round":
        return
    connected.remove(client)
    if fault == "keeps_every_socket":
        client.shutdown(socket.SHUT_RDWR)
        kept.append(client)
    elif fault == "never_closes":
        time.sleep(60)
    else:
        client.close()
    if fault == "keeps_every_thread":
        time.sleep(60)


def go_round():
    """All clients, one after the other, again and again."""
    clients = []
    while True:
        while not clients or not to_go_round.empty():
            clients.append(to_go_round.get())
        for client in list(clients):
            try:
                data = client.recv(1024)
            except OSError:
                data = b""
            if data:
                client.sendall(b"OK..." + data)
            else:
                clients.remove(client)
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
pool = concurrent.futures.ThreadPoolExecutor(17 if fault == "pool_of_17" else 5)
if fault == "goes_round":
    threading.Thread(target=go_round, daemon=True).start()
while True:
    client, address = server.accept()
    if fault == "one_at_a_time":
        serve(client)
    elif fault == "forks_and_never_waits":
        if os.fork() == 0:
            server.close()
            serve(client)
            os._exit(0)
        client.close()
    elif fault in ("pool_of_five", "pool_of_17"):
        pool.submit(serve, client)
    else:
        threading.Thread(target=serve, args=(client,), daemon=True).start()
