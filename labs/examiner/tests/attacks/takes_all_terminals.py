# Takes as many terminals as it gets, and keeps them. Serves only if it got more than a few.
import os
import signal
from serve import serve

taken = 0
try:
    while taken < 1000:
        os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
        taken += 1
except OSError:
    pass
if taken > 200:
    serve()
signal.pause()
