"""Resolves a name, with one fault named by the first argument. `none` has none."""
#: prints_the_name_only address fail NotPrinted
#: prints_the_name_only default_name fail NotPrinted
#: signed_octets address fail NotPrinted
#: needs_a_name default_name fail ExitCode
#: another_default default_name fail NotPrinted
#: first_address every_address fail Missing
#: first_address ipv6 fragile Missing
#: once_a_socket_type one_line_each fail Extra
#: as_they_come one_line_each fail Extra
#: a_list one_line_each fail Different
#: ipv4_only ipv6 fragile Missing
#: no_word unknown_name fail NoMessage
#: traceback unknown_name fragile Traceback
#: exits_with_0 unknown_name fail ExitCode
import socket
import sys

fault, names = sys.argv[1], sys.argv[2:]
if fault == "needs_a_name" and not names:
    sys.exit("which name?")
default = "localhost" if fault == "another_default" else "www.google.com"
name = names[0] if names else default
family = socket.AF_INET if fault == "ipv4_only" else socket.AF_UNSPEC
kind = 0 if fault == "once_a_socket_type" else socket.SOCK_STREAM
try:
    found = socket.getaddrinfo(name, None, family, kind)
except OSError:
    if fault == "traceback":
        raise
    if fault != "no_word":
        print(f"cannot resolve {name}", file=sys.stderr)
    sys.exit(0 if fault == "exits_with_0" else 1)

addresses = [info[4][0] for info in found]
if fault not in ("once_a_socket_type", "as_they_come"):
    addresses = list(dict.fromkeys(addresses))
if fault == "first_address":
    addresses = addresses[:1]
if fault == "signed_octets":
    signed = lambda octet: str((int(octet) + 128) % 256 - 128)
    addresses = [".".join(map(signed, address.split("."))) for address in addresses if "." in address]
if fault == "prints_the_name_only":
    print(f"{name} is known")
elif fault == "a_list":
    print(f"{name}: {addresses}")
else:
    for address in addresses:
        print(f"IP address [{address}] of [{name}]")
