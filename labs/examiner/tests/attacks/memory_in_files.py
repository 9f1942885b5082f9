# As a build: ends well only if it could have more than two gigabytes, a part of it in files that lie in
# memory.
import ctypes

block = bytes(1 << 20)
for folder, files in ((".", 8), ("/tmp", 1), ("/dev/shm", 1)):
    for number in range(files):
        with open(f"{folder}/filling{number}", "wb") as file:
            for _ in range(55):
                file.write(block)
held = bytearray(1800 << 20)
ctypes.memset(ctypes.addressof(ctypes.c_char.from_buffer(held)), 1, len(held))
for _ in range(30_000_000):
    pass
