# Serves only if it could have eight gigabytes.
from serve import serve

held = []
for _ in range(80):
    held.append(bytearray(100 << 20))
serve()
