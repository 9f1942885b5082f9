# As a build: ends well only if its processes could have six gigabytes together, each of them less than
# it may.
import ctypes
import os
import signal

for number in range(6):
    read, write = os.pipe()
    if os.fork() == 0:
        held = bytearray(1 << 30)
        ctypes.memset(ctypes.addressof(ctypes.c_char.from_buffer(held)), 1, len(held))
        os.write(write, b"x")
        signal.pause()
    os.close(write)
    if os.read(read, 1) != b"x":
        raise SystemExit("one has gone")
    os.close(read)
