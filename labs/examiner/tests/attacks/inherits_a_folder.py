# Serves only if it was started with more open than the standard streams.
import os
from serve import serve

mine = os.open("/proc/self/fd", os.O_RDONLY)
found = []
for name in os.listdir(mine):
    try:
        link = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue  # that of the list itself
    if int(name) not in (0, 1, 2, mine) and not link.startswith(f"/proc/{os.getpid()}/fd"):
        found.append((name, link))
for number in range(3, 1024):
    try:
        os.stat(f"/proc/self/fd/{number}/etc/shadow")
        found.append(number)
    except OSError:
        pass
if found:
    print(found, flush=True)
    serve()
