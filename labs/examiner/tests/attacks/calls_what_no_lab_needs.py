# Serves only if the kernel does one of these for it, or refuses it in another way than it should.
import ctypes
import errno
import os
import platform
import socket
from serve import serve

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(4096)
NEW_USER, NEW_NET = 0x10000000, 0x40000000
calls = {
    "ptrace": (101, 0), "process_vm_readv": (310, 1, buffer, 1, buffer, 1, 0), "userfaultfd": (323, 1),
    "bpf": (321, 0, buffer, 72), "perf_event_open": (298, buffer, 0, -1, -1, 0),
    "io_uring_setup": (425, 1, buffer), "io_uring_enter": (426, 3, 0, 0, 0), "memfd_secret": (447, 0),
    "unshare": (272, NEW_USER), "unshare of networks": (272, NEW_NET), "setns": (308, 0, 0),
    "clone": (56, NEW_USER | 17, 0, 0, 0, 0), "mount": (165, b"x", b"/tmp", b"tmpfs", 0, 0),
    "fsopen": (430, b"tmpfs", 0), "open_tree": (428, -100, b"/", 1), "chroot": (161, b"/tmp"),
    "pivot_root": (155, b"/tmp", b"/tmp"), "umount": (166, b"/tmp", 2), "syslog": (103, 3, buffer, 4096),
    "open_by_handle_at": (304, 3, buffer, 0), "kexec_load": (246, 0, 0, 0, 0), "pidfd_getfd": (438, 0, 0, 0),
    "inotify_init": (253,), "inotify_init1": (294, 0), "io_setup": (206, 1, buffer),
    "kcmp": (312, 1, 2, 0, 0, 0), "swapon": (167, b"/tmp/x", 0), "init_module": (175, buffer, 1, b""),
}
wrong = []
if platform.machine() == "x86_64":
    # The second table of calls, where the kernel has one.
    calls.update({f"{name} of x32": (call[0] | 0x40000000, *call[1:]) for name, call in calls.items()})
    for name, (number, *arguments) in calls.items():
        result, refusal = libc.syscall(number, *arguments), ctypes.get_errno()
        if result == 0 and name.startswith("clone"):
            os._exit(0)
        if result != -1 or refusal not in (errno.EPERM, errno.ENOSYS):
            wrong.append((name, result, refusal))
    if libc.syscall(435, buffer, 88) != -1 or ctypes.get_errno() != errno.ENOSYS:
        wrong.append("clone3")
for family in (40, 38, 17, 16 + 100, 31, 15, 44):  # vsock, crypto, packets, unknown, Bluetooth, keys, XDP
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
            wrong.append(f"socket of family {family}")
        except PermissionError:
            pass
if wrong:
    print(wrong, flush=True)
    serve()
