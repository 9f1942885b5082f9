#: run perl {file} {port} {protocol}
use strict;

sub quit { print STDERR "@_\n"; exit 1 }

sub show {
    my ($asked, $protocol) = @_;
    quit("$asked is no port") if $asked =~ /^\d+$/ and $asked > 65535;
    my @found = $asked =~ /^\d+$/ ? getservbyport($asked, $protocol) : getservbyname($asked, $protocol);
    quit("there is no /etc/services: install netbase") unless @found or -r '/etc/services';
    quit("no service is registered for $asked/$protocol") unless @found;
    print "Protocol $protocol, port $found[2] => name [$found[0]]\n";
}

if (@ARGV) {
    show($ARGV[0], $ARGV[1] || 'tcp');
} else {
    show(25, 'tcp');
    show(53, 'udp');
}
