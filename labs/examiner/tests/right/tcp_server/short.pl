#: run perl {file} {port}
use strict;
use IO::Socket::INET;
$| = 1;
$SIG{PIPE} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 10, ReuseAddr => 1)
    or die "cannot listen on $ARGV[0]: $@\n";
while (my $client = $server->accept) {
    print "Cliente ", $client->peerhost // '?', ":", $client->peerport // '?', "\n";
    sysread($client, my $sentence, 8192) or next;
    $sentence =~ tr/a-z/A-Z/;
    syswrite($client, $sentence);
    close $client;
}
