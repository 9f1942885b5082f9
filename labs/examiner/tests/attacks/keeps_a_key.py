# Serves only if it can keep a key in the kernel, or read one of the grader's.
import ctypes
from serve import serve

libc = ctypes.CDLL(None, use_errno=True)
ADD_KEY, REQUEST_KEY, KEYCTL = 248, 249, 250
done = [libc.syscall(ADD_KEY, b"user", b"socket-labs-attack", b"secret", 6, keyring) for keyring in (-2, -3, -4, -5)]
done += [libc.syscall(REQUEST_KEY, b"user", b"socket-labs-grader", None, 0)]
done += [libc.syscall(KEYCTL, 0, keyring, 0) for keyring in (-3, -4, -5)]
if any(key != -1 for key in done):
    print(done, flush=True)
    serve()
