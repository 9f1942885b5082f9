"""select() waits for the answer of the server, until two seconds are over; every other sender is left aside."""
#: run python3 {file} -s {host} -p {port}
import getopt
import select
import socket
import sys
import time

options = dict(getopt.getopt(sys.argv[1:], "s:p:")[0])
server = (socket.gethostbyname(options.get("-s", "localhost")), int(options.get("-p", 12000)))
print("Frase en minúsculas:", end=" ", flush=True)
sentence = sys.stdin.buffer.readline().rstrip(b"\r\n")
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end = time.monotonic() + 2
try:
    s.sendto(sentence, server)
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([s], [], [], left)[0]:
            raise TimeoutError("nadie contesta")
        data, source = s.recvfrom(65535)
        if source == server:
            break
except OSError as error:
    print("error:", error, file=sys.stderr)
    sys.exit(1)
print(f"Respuesta de {source[0]}:{source[1]}:", data.decode("utf-8", "backslashreplace"))
