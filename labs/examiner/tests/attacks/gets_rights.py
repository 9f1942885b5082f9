# Serves only if it has a right that others have not, or can get one.
import ctypes
import os
import stat
import subprocess
from serve import serve

found = []
status = {line.split(":")[0]: line.split(":")[1].strip() for line in open("/proc/self/status")}
found += [(name, status[name]) for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb") if int(status[name], 16)]
if status["NoNewPrivs"] != "1" or status["Seccomp"] != "2":
    found.append("what it is refused")
for become in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.setresuid(0, 0, 0)):
    try:
        become()
        found.append("another user")
    except OSError:
        pass
for folder in ("/usr/bin", "/usr/sbin", "/bin"):
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.exists(path) and os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID) and name in ("su", "mount", "newgrp"):
            said = subprocess.run([path, "--help" if name == "mount" else "-c", "id -u"], capture_output=True, stdin=subprocess.DEVNULL)
            if said.stdout.strip() == b"0":
                found.append(path)
os.makedirs("/tmp/own", exist_ok=True)
own = "/tmp/own/sh"
open(own, "wb").write(open("/bin/sh", "rb").read())
try:
    os.chmod(own, 0o6755)
    os.chown(own, 0, 0)
    found.append("a program of root")
except OSError:
    pass
if ctypes.CDLL(None).prctl(38, 0, 0, 0, 0) == 0:  # PR_SET_NO_NEW_PRIVS
    found.append("new rights")
if found:
    print(found, flush=True)
    serve()
