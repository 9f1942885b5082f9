# Serves only if it can write a setting of the system, or make itself the last that ends where memory is short.
import os
from serve import serve

found = []
if int(open("/proc/self/oom_score_adj").read()) < 1000:
    found.append("it would outlive others")
for folder, _, files in os.walk("/proc/sys"):
    for name in files:
        try:
            os.close(os.open(os.path.join(folder, name), os.O_WRONLY))
            found.append(os.path.join(folder, name))
        except OSError:
            pass
for path in ("/proc/sysrq-trigger", "/proc/self/oom_score_adj", "/proc/self/uid_map", "/proc/self/setgroups",
             "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs", "/proc/self/coredump_filter"):
    try:
        os.close(os.open(path, os.O_WRONLY))
        found.append(path)
    except OSError:
        pass
if found:
    print(found, flush=True)
    serve()
