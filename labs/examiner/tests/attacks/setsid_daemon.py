# Leaves a daemon behind, and is a right server itself.
import os
import signal
from serve import serve

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        while True:
            signal.pause()
    os._exit(0)
os.wait()
serve()
