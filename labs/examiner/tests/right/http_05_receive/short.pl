#: run perl {file} {host} {port} {timeout}
use strict;
use Time::HiRes "alarm";
use IO::Socket::INET;
my ($host, $port, $seconds) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => $seconds)
    or do { print STDERR "$host: $@\n"; exit 1 };
syswrite $s, "GET / HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n";
$SIG{ALRM} = sub { print STDERR "$host is silent\n"; exit 1 };
binmode STDOUT;
while (1) {
    alarm $seconds;
    my $n = sysread $s, my $piece, 8192;
    if (!defined $n) {
        print STDERR "recv: $!\n";
        exit 1;
    }
    last unless $n;
    print $piece;
}
