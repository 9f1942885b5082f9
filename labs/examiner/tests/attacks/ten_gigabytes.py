# Serves only if it could write ten gigabytes, in one file or in many.
from serve import serve

block = b"x" * (1 << 20)
written = 0
for number in range(1000):
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "."):
        try:
            with open(f"{folder}/{number}", "wb") as file:
                for _ in range(60):
                    file.write(block)
                    written += len(block)
        except OSError:
            pass
if written > 10 << 30:
    serve()
