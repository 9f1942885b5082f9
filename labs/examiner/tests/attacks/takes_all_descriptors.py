# Takes as many descriptors as it gets, in as many processes as it gets, and keeps them.
import os
import signal
from serve import serve

for _ in range(100):
    try:
        if os.fork() == 0:
            break
    except OSError:
        break
taken = 0
try:
    while True:
        os.open("/dev/null", os.O_RDONLY)
        taken += 1
except OSError:
    pass
if taken > 5000:
    serve()
signal.pause()
