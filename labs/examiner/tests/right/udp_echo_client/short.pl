#: run perl {file} {host} {port} {message}
use strict;
use IO::Socket::INET;
my ($host, $port, @words) = @ARGV;
my $s = IO::Socket::INET->new(Proto => 'udp', PeerAddr => $host, PeerPort => $port) or die "$host: $@\n";
local $SIG{ALRM} = sub { die "no echo in 4 seconds\n" };
alarm 4;
defined $s->send("@words") or die "send: $!\n";
defined $s->recv(my $echo, 65536) or die "recv: $!\n";
print "Received: $echo\n";
