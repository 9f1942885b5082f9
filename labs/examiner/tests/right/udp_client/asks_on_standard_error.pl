#: run perl {file} {host}:{port}
# The socket is connected: others are not heard, and a refusal is.
use strict;
use IO::Socket::INET;
use IO::Select;

my $client = IO::Socket::INET->new(Proto => 'udp', PeerAddr => $ARGV[0]) or die "$ARGV[0]: $@\n";
print STDERR "Input lowercase sentence: ";
my $sentence = <STDIN>;
chomp $sentence;
defined $client->send($sentence) or die "cannot send: $!\n";
IO::Select->new($client)->can_read(4) or die "no answer: nobody may be listening there\n";
defined $client->recv(my $answer, 65536) or die "cannot receive: $!\n";
print "Received message from ", $client->peerhost, " port ", $client->peerport, "\n$answer\n";
