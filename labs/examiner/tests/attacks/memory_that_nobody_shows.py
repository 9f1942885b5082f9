# As a build: ends well only if it could have three gigabytes that it shares with itself, and that no process
# shows: its pages are there, and are not mapped any more.
import mmap
import time

PIECE = 16 << 20
held = []
for number in range(192):
    piece = mmap.mmap(-1, PIECE, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    for page in range(0, PIECE, mmap.PAGESIZE):
        piece[page] = 1
    piece.madvise(mmap.MADV_DONTNEED)
    held.append(piece)
time.sleep(1)
