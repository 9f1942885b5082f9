# Serves only if it could have eight gigabytes.
from serve import serve

held = []
try:
    for _ in range(80):
        held.append(bytearray(100 << 20))
except MemoryError:
    raise SystemExit("there is no more") from None
serve()
