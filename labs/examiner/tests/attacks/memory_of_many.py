# Serves only if its processes could have six gigabytes together, each of them less than it may.
import os
from serve import serve

for number in range(6):
    read, write = os.pipe()
    if os.fork() == 0:
        held = bytearray(1 << 30)
        for page in range(0, len(held), 4096):
            held[page] = 1
        os.write(write, b"x")
        os.read(read, 1)
        os.read(os.pipe()[0], 1)
    os.read(read, 1)
serve()
