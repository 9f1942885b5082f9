# Serves only if it could have four gigabytes of memory that belongs to no process.
import ctypes
import mmap
import os
from serve import serve

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
            print("shared memory of System V", flush=True)
            serve()
        held.append(mmap.mmap(-1, QUARTER, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))
    for page in range(0, QUARTER, 4096):
        held[-1][page] = 1
serve()
