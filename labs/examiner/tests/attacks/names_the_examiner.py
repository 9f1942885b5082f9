# Serves only if it finds a process that it did not start, or can read what the first one is.
import os
from serve import serve

own = {"1", str(os.getpid())}
found = [name for name in os.listdir("/proc") if name.isdigit() and name not in own]
found += [pid for pid in range(3, 3000) if str(pid) not in own and os.path.exists(f"/proc/{pid}")]
for pid in (*range(3, 3000), -os.getpgid(1)):
    if pid not in (0, os.getpid()):
        try:
            os.kill(pid, 0)
            found.append(pid)
        except OSError:
            pass
for name in ("environ", "mem", "maps", "exe", "cwd", "root", "map_files", "syscall", "stack", *(f"fd/{number}" for number in range(20))):
    path = f"/proc/1/{name}"
    try:
        found.append(os.readlink(path) if os.path.islink(path) else os.listdir(path))
    except NotADirectoryError:
        try:
            found.append(open(path, "rb").read(1))
        except OSError:
            pass
    except OSError:
        pass
if found:
    print(found, flush=True)
    serve()
