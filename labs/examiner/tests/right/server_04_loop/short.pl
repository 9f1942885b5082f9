#: run perl {file} {port}
use strict;
use IO::Socket::INET;
$SIG{PIPE} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 10, ReuseAddr => 1) or die "$@\n";
while (1) {
    my $client = $server->accept or next;
    my $read = sysread $client, my $data, 1024;
    syswrite $client, "OK...$data" if $read;
    close $client;
}
