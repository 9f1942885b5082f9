#: run sh {file} {port}
# Started by a script that starts another process.
(
    exec python3 -c '
import socket, sys
with socket.socket() as server:
    try:
        server.bind(("127.0.0.1", int(sys.argv[1])))
    except OSError as error:
        sys.exit(f"bind: {error.strerror}")
    print("bound to %s:%d" % server.getsockname())
' "$1"
) &
wait $!
