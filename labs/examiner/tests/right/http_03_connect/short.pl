#: run perl {file} {host} {port}
use strict;
use IO::Socket::INET;
my ($host, $port) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 4)
    or do { print STDERR "$host: $@\n"; exit 1 };
print "Conectado a $host, ip ", $s->peerhost, "\n";
