#: run perl {file} {host} {port}
use strict;
use IO::Socket::INET;
my ($host, $port) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 4)
    or do { print STDERR "$host: $@\n"; exit 1 };
my $request = "GET / HTTP/1.1\r\nHost: $host:$port\r\nConnection: close\r\n\r\n";
print $s $request;
$s->flush;
$request =~ s/\r/\\r/g;
$request =~ s/\n/\\n/g;
print "enviado: $request\n";
close $s;
