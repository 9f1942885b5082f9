"""Tells the name of this machine, with one fault named by the first argument. `none` has none."""
#: name_written_in name fail NotPrinted
#: always_loopback address fail NotPrinted
#: signed_octets address fail NotPrinted
#: name_only address fail NotPrinted
#: says_nothing loopback fragile NotPrinted
#: says_it_always loopback fragile NotPrinted
#: short_buffer long_name fragile NotPrinted
#: exits_with_0 no_address fragile ExitCode
#: traceback no_address fragile Traceback
#: no_word no_address fragile NoMessage
import socket
import sys

fault = sys.argv[1]
name = socket.gethostname()
try:
    address = socket.gethostbyname(name)
except OSError:
    if fault == "traceback":
        raise
    if fault != "no_word":
        print(f"cannot resolve {name}", file=sys.stderr)
    sys.exit(0 if fault == "exits_with_0" else 1)

shown = {"name_written_in": "lab-vm", "short_buffer": name[:31]}.get(fault, name)
if fault == "signed_octets":
    address = ".".join(str((int(octet) + 128) % 256 - 128) for octet in address.split("."))
if fault == "name_only":
    print(f"Host name [{shown}]")
elif fault == "always_loopback":
    print(f"Host name [{shown}] and ip [127.0.1.1]")
else:
    print(f"Host name [{shown}] and ip [{address}]")
if fault == "says_it_always" or address.startswith("127.") and fault != "says_nothing":
    print("A loopback address is of use on this machine alone.")
