# Serves only if it can look into the first process, change the machine, or get its rights back.
import ctypes
import os
import subprocess
from serve import serve

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH = 16
successes = [libc.ptrace(PTRACE_ATTACH, 1, 0, 0) == 0, libc.mount(b"x", b"/tmp", b"tmpfs", 0, None) == 0]
for name in ("mem", "environ", "maps"):
    try:
        successes.append(bool(open(f"/proc/1/{name}", "rb").read(1)))
    except OSError:
        pass
for command in (["unshare", "-Ur", "true"], ["unshare", "-n", "true"]):
    successes.append(subprocess.run(command, capture_output=True).returncode == 0)
for name in ("/etc/hosts", "/usr/x", "/proc/sys/net/ipv4/ip_forward", "serve.py"):
    try:
        open(name, "a").write("x")
        successes.append(True)
    except OSError:
        pass
if any(successes):
    print(successes, flush=True)
    serve()
