# Prints without end on both streams, and is a right server beside it.
import os
import threading
import time
from serve import serve


def flood(stream):
    while True:
        os.write(stream, b"y\n" * 32768)
        time.sleep(0.01)  # 6 MB in a second are without end, and leave time to serve


for stream in (1, 2):
    threading.Thread(target=flood, args=(stream,), daemon=True).start()
serve()
