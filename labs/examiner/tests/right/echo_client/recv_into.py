#: run python3 {file} {host} {port} {timeout} {message}
"""One buffer of 16 bytes for all, and one deadline."""
import socket
import sys
import time

host, port, timeout, message = sys.argv[1:]
data, buffer = message.encode(), bytearray(16)
end, came = time.monotonic() + float(timeout), 0
try:
    connection = socket.create_connection((host, int(port)), float(timeout))
    connection.sendall(data)
    while came < len(data):
        connection.settimeout(max(0.001, end - time.monotonic()))
        size = connection.recv_into(buffer)
        if size == 0:
            sys.exit(f"the server has closed after {came} of {len(data)} bytes")
        sys.stdout.buffer.write(b"Received: " + buffer[:size] + b"\n")
        came += size
    connection.close()
except OSError as error:
    sys.exit(f"echo of {host} port {port}: {error}")
print("Closing connection to the server")
