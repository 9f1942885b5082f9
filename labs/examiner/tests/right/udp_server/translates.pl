#: run perl {file} {port}
# IO::Socket, and tr for the letters.
use strict;
use IO::Socket::INET;

my $server = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '0.0.0.0', LocalPort => $ARGV[0])
    or die "cannot open port $ARGV[0]: $@\n";
$| = 1;
while (1) {
    my $from = $server->recv(my $message, 65536);
    next unless defined $from;
    my ($port, $ip) = sockaddr_in($from);
    print "message received from ", inet_ntoa($ip), " port $port\n";
    $message =~ tr/a-z/A-Z/;
    $server->send($message, 0, $from);
}
