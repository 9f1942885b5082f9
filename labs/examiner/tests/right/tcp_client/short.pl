#: run perl {file} {host}:{port} {timeout}
use strict;
use Time::HiRes "alarm";
use IO::Socket::INET;
$| = 1;
my ($server, $seconds) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $server, Timeout => $seconds) or die "$server: $@\n";
print "Yo soy ", $s->sockhost, ":", $s->sockport, "\n";
print "Frase: ";
my $sentence = <STDIN>;
chomp $sentence;
$SIG{ALRM} = sub { die "$server does not answer\n" };
alarm $seconds;
print $s $sentence;
$s->flush;
while (my $n = sysread $s, my $piece, 1024) {
    print $piece;
    alarm $seconds;
}
die "the connection broke: $!\n" if $!{ECONNRESET};
print "\n";
