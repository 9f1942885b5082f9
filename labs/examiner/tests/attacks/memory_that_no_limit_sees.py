# As a build: ends well only if it could have four gigabytes of memory that belongs to no process.
import ctypes
import mmap
import os

QUARTER = 256 << 20
libc = ctypes.CDLL(None, use_errno=True)
held = []
for number in range(16):
    try:
        file = os.memfd_create("m")
        os.ftruncate(file, QUARTER)
        held.append(mmap.mmap(file, QUARTER))
    except OSError:
        if libc.shmget(number, QUARTER, 0o1600) != -1:
            break
        held.append(mmap.mmap(-1, QUARTER, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))
    ctypes.memset(ctypes.addressof(ctypes.c_char.from_buffer(held[-1])), 1, QUARTER)
