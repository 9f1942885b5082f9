"""Stage 2 with one fault, named by the first argument. `none` has none."""
#: fixed_address prints_the_address fail NotPrinted
#: prints_the_name prints_the_address fail NotPrinted
#: connects does_not_connect fail TooMuch
#: any_family prefers_ipv4 fragile NotPrinted
#: exit_code_0 unknown_name fragile ExitCode
#: no_message unknown_name fragile NoMessage
#: traceback unknown_name fragile Traceback
import socket
import sys

fault, host = sys.argv[1], sys.argv[2]
try:
    family = socket.AF_UNSPEC if fault == "any_family" else socket.AF_INET
    address = socket.getaddrinfo(host, 80, family, socket.SOCK_STREAM)[0][4]
except OSError as error:
    if fault == "traceback":
        raise
    if fault != "no_message":
        print(f"cannot resolve {host}: {error}", file=sys.stderr)
    sys.exit(0 if fault == "exit_code_0" else 1)
shown = {"fixed_address": "142.250.78.100", "prints_the_name": host}.get(fault, address[0])
print(f"IP address of {host} is {shown}", flush=True)
if fault == "connects":
    try:
        socket.create_connection(address, 5)
    except OSError:
        pass
