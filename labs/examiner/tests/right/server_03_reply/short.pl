#: run perl {file} {port}
use strict;
use IO::Socket::INET;
$SIG{PIPE} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 10, ReuseAddr => 1) or die "$@\n";
my $client = $server->accept or die "accept: $!\n";
if (sysread $client, my $data, 1024) {
    syswrite $client, $data;
}
close $client;
