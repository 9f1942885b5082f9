# As a build: never ends, and is never at rest.
import time

while True:
    busy = time.monotonic() + 0.002
    while time.monotonic() < busy:
        pass
    time.sleep(0.012)
