# Prints without end on both streams, and is a right server beside it.
import os
import threading
from serve import serve


def flood(stream):
    while True:
        os.write(stream, b"y\n" * 32768)


for stream in (1, 2):
    threading.Thread(target=flood, args=(stream,), daemon=True).start()
serve()
