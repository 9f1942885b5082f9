# Serves only if it can type at a terminal, as if the examiner had, or find another one than its own.
import fcntl
import glob
import os
from serve import serve

TIOCSTI, TIOCCONS, TIOCLINUX = 0x5412, 0x541D, 0x541C
own = os.ttyname(0) if os.isatty(0) else None
found = [path for path in glob.glob("/dev/pts/[0-9]*") + glob.glob("/dev/tty*") if path != own]
for path in [path for path in (own, "/dev/tty", "/dev/console", "/dev/ptmx") if path]:
    try:
        terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        continue
    for request, argument in ((TIOCSTI, b"x"), (TIOCCONS, b""), (TIOCLINUX, b"\x02")):
        try:
            fcntl.ioctl(terminal, request, argument)
            found.append((path, request))
        except OSError:
            pass
if found:
    print(found, flush=True)
    serve()
