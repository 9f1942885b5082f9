# Serves only if it could make a million files in what it may write to.
import os
from serve import serve

made = 0
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "."):
    try:
        for number in range(200_000):
            os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
            made += 1
    except OSError:
        pass
if made > 100_000:
    serve()
