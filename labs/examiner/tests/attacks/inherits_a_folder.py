# Serves only if it was started with more open than the standard streams.
import os
from serve import serve

mine = os.open("/proc/self/fd", os.O_RDONLY)
found = [(name, os.readlink(f"/proc/self/fd/{name}")) for name in os.listdir(mine) if int(name) not in (0, 1, 2, mine)]
found = [(name, link) for name, link in found if not link.startswith(f"/proc/{os.getpid()}/fd")]
for number in range(3, 1024):
    try:
        os.stat(f"/proc/self/fd/{number}/etc/shadow")
        found.append(number)
    except OSError:
        pass
if found:
    print(found, flush=True)
    serve()
