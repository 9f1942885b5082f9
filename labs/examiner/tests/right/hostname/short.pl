use strict;
use Socket;
use Sys::Hostname;
my $name = hostname;
my $packed = inet_aton($name);
unless (defined $packed) {
    print STDERR "nobody knows the address of $name\n";
    exit 1;
}
my $ip = inet_ntoa($packed);
print "Host name [$name] and ip [$ip]\n";
print "note: $ip is loopback only\n" if $ip =~ /^127\./;
