# Serves only if it sees what a program does not need: /opt without a tool chain, devices, other mounts.
import os
from serve import serve

found = [path for path in ("/opt", "/sys", "/boot", "/mnt", "/media", "/srv", "/etc/shadow", "/etc/ssh", "/dev/kmsg",
                           "/dev/mem", "/dev/tty", "/dev/sda", "/dev/vda", "/proc/kcore") if os.path.exists(path)
         and not (path == "/proc/kcore" and not os.access(path, os.R_OK))]
writable = [line.split()[4] for line in open("/proc/self/mountinfo") if "rw" in line.split()[5].split(",")]
found += [path for path in writable if path not in ("/tmp", "/dev/shm", "/dev/pts", "/proc") or
          path == "/proc" and os.access("/proc/sys/kernel/hostname", os.W_OK)]
for folder in ("/", "/etc", "/usr", "/dev", ".", "/home", "/run", "/var/tmp", "/proc/self/attr"):
    try:
        open(os.path.join(folder, "written"), "w")
        found.append(folder)
    except OSError:
        pass
if os.geteuid() == 0 or os.getegid() == 0:
    found.append("root")
if found:
    print(found, flush=True)
    serve()
