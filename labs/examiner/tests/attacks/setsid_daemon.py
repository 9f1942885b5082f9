# Leaves a daemon behind, and is a right server itself.
import os
import signal
from serve import serve

if os.fork() == 0:
    # The daemon inherits this: it is deaf before the server listens.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.setsid()
    if os.fork() == 0:
        while True:
            signal.pause()
    os._exit(0)
os.wait()
serve()
