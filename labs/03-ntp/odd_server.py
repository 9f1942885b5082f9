"""A time server that misbehaves in one way, for the experiments of lab 3.

Run:   python3 labs/03-ntp/odd_server.py slow
Then:  cargo run --bin ntp_client -- 127.0.0.1 --port 11124        (in another terminal)

But for the forger's lie, its clock is right: it is the clock of this machine. The ways:

    slow       a question is 0.4 s on its way, an answer is not
    busy       the server takes 0.4 s to answer
    kiss       it asks to be asked less often: a kiss-o'-death with the code RATE
    lost       it does not know the time itself: leap indicator 3
    forger     it answers without having seen the question, and says that it is an hour later
    stranger   it answers from another port than the one that was asked
"""

import socket
import struct
import sys
import time

FROM_1900_TO_1970 = 2_208_988_800  # seconds
WAYS = ("slow", "busy", "kiss", "lost", "forger", "stranger")


def now():
    """The time as NTP writes it: 32 bits of seconds since 1900, 32 bits of their fraction."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    return (seconds + FROM_1900_TO_1970) % 2**32 * 2**32 + nanoseconds * 2**32 // 10**9


def answer(way, question):
    """The 48 bytes for one question of 48 bytes."""
    leap, stratum, reference_id, lie = 0, 1, b"LOCL", 0
    origin = struct.unpack("!Q", question[40:48])[0]  # the client's transmit timestamp
    if way == "slow":
        time.sleep(0.4)  # as if the question came only now
    received = now()
    if way == "busy":
        time.sleep(0.4)
    elif way == "kiss":
        leap, stratum, reference_id = 3, 0, b"RATE"
    elif way == "lost":
        leap = 3
    elif way == "forger":
        origin = now()  # a guess
        lie = 3600 * 2**32  # an hour
    first = leap * 64 + 4 * 8 + 4  # leap indicator, version 4, mode 4 (server)
    times = [time % 2**64 for time in (received + lie, origin, received + lie, now() + lie)]
    return struct.pack("!BBbb4s4s4s4Q", first, stratum, 0, -20, b"", b"", reference_id, *times)


def main():
    way = sys.argv[1] if len(sys.argv) == 2 else ""
    if way not in WAYS:
        sys.exit(f"usage: python3 {sys.argv[0]} {'|'.join(WAYS)}")
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind(("127.0.0.1", 11124))
    answers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if way == "stranger" else asked
    print(f"The server is ready to receive on 127.0.0.1:11124, and {way}", flush=True)
    while True:
        question, client = asked.recvfrom(65507)
        if len(question) >= 48:
            answers.sendto(answer(way, question[:48]), client)
            print(f"Answered {client[0]} port {client[1]}", flush=True)


try:
    main()
except KeyboardInterrupt:
    print()
except OSError as error:
    sys.exit(f"error: {error}")
