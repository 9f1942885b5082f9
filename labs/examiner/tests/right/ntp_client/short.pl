#: run perl {file} {host} {port} {timeout}
use strict;
use IO::Socket::INET;
use Time::HiRes qw(alarm time);

sub quit { print STDERR "@_\n"; exit 1 }

sub unix {
    my ($seconds, $fraction) = @_;
    $seconds += 2**32 if $seconds < 2**31;
    return $seconds - 2208988800 + $fraction / 2**32;
}

my ($host, $port, $wait) = @ARGV;
my $s = IO::Socket::INET->new(Proto => 'udp', PeerAddr => $host, PeerPort => $port) or quit("$host: $@");
my $mine = pack 'NN', int(rand 2**32), int(rand 2**32);
$SIG{ALRM} = sub { quit("$host: no answer in $wait s") };
alarm $wait;
my $t1 = time;
defined $s->send(pack('C', 0x23) . "\0" x 39 . $mine) or quit("send: $!");
defined $s->recv(my $answer, 1000) or quit("recv: $!");
my $t4 = time;
quit('the answer is too short') if length $answer < 48;
my ($first, $stratum) = unpack 'CC', $answer;
quit('no answer to this request') if ($first & 7) != 4 or substr($answer, 24, 8) ne $mine;
quit('kiss code ' . substr $answer, 12, 4) if $stratum == 0;
quit('the server is not synchronized') if $stratum > 15 or $first >> 6 == 3;
my @words = unpack 'N4', substr $answer, 32;
my ($t2, $t3) = (unix(@words[0, 1]), unix(@words[2, 3]));
print 'Hora: ', scalar(localtime int $t3), "\n";
printf "Diferencia %.6f s, ida y vuelta %.6f s\n", ($t2 - $t1 + $t3 - $t4) / 2, $t4 - $t1 - ($t3 - $t2);
print "Servidor ", $s->peerhost, ", estrato $stratum\n";
