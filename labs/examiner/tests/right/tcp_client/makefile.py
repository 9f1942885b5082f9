"""create_connection() and makefile(), and read() to the end."""
#: run python3 {file} --host {host} --port {port} --timeout {timeout}
import argparse
import socket
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=12000)
parser.add_argument("--timeout", type=float, default=5)
args = parser.parse_args()
try:
    with socket.create_connection((args.host, args.port), timeout=args.timeout) as s:
        print("My address: %s port %d" % s.getsockname()[:2], flush=True)
        sentence = input("Sentence, please: ")
        stream = s.makefile("rwb")
        stream.write(sentence.encode("utf-8"))
        stream.flush()
        answer = stream.read()
except EOFError:
    sys.exit("no sentence was typed")
except OSError as error:
    sys.exit(f"cannot talk to {args.host}:{args.port}: {error}")
if answer:
    print(answer.decode("utf-8", errors="replace"))
else:
    print("the server has closed without a word")
