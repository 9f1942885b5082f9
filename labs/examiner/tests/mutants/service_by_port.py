"""Names the service of a port, with one fault named by the first argument. `none` has none."""
#: table_written_in tcp fail NotPrinted
#: table_written_in udp fail NotPrinted
#: table_written_in default_ports fail NotPrinted
#: table_written_in by_name fail ExitCode
#: table_written_in unknown_port fail ExitCode
#: wrong_byte_order tcp fail ExitCode
#: wrong_byte_order udp fail ExitCode
#: wrong_byte_order default_ports fail ExitCode
#: always_tcp udp fail Printed
#: always_tcp default_ports fail ExitCode
#: both_protocols tcp fail Printed
#: both_protocols udp fail Printed
#: needs_a_port default_ports fail ExitCode
#: one_default default_ports fail NotPrinted
#: ports_only by_name fail ExitCode
#: port_in_network_order by_name fail NotPrinted
#: number_for_a_name unknown_port fail ExitCode
#: traceback unknown_port fragile Traceback
#: traceback no_services_file fragile Traceback
#: exits_with_0 unknown_port fail ExitCode
#: wraps_around no_port_at_all fragile ExitCode
#: no_range_check no_port_at_all fragile Traceback
#: never_looks no_services_file fragile NotPrinted
#: takes_nothing by_name fail NotTold
#: takes_nothing no_port_at_all fail NotTold
#: takes_nothing_at_all no_port_at_all fail NotTold
#: takes_nothing_at_all by_name fail NotTold
import os
import socket
import sys

fault, words = sys.argv[1], sys.argv[2:]
WRITTEN_IN = {25: "smtp", 53: "domain", 80: "http"}


def name_of(port, protocol):
    if fault == "table_written_in":
        return WRITTEN_IN.get(port, "unknown")
    if fault == "wraps_around":
        port %= 65536
    if port > 65535 and fault != "no_range_check":
        sys.exit("ports end at 65535")
    if fault == "wrong_byte_order":
        port = socket.htons(port)
    try:
        return socket.getservbyport(port, "tcp" if fault == "always_tcp" else protocol)
    except OSError:
        if fault == "traceback":
            raise
        if fault == "number_for_a_name":
            return str(port)
        if fault != "never_looks" and not os.path.exists("/etc/services"):
            sys.exit("there is no list of services")
        print(f"no service is registered for {port}/{protocol}", file=sys.stderr)
        sys.exit(0 if fault == "exits_with_0" else 1)


def show(port, protocol):
    print(f"Protocol {protocol}, port {port} => name [{name_of(port, protocol)}]")


if not words and fault == "needs_a_port":
    sys.exit("which port?")
elif not words:
    show(25, "tcp")
    if fault != "one_default":
        show(53, "udp")
elif words[0].isdigit():
    protocols = ["tcp", "udp"] if fault == "both_protocols" else words[1:] or ["tcp"]
    for protocol in protocols:
        show(int(words[0]), protocol)
elif fault == "ports_only" or fault == "table_written_in":
    sys.exit("not a port")
else:
    port = socket.getservbyname(words[0])
    print(f"{words[0]} is {socket.htons(port) if fault == 'port_in_network_order' else port}")
