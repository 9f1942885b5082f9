#: run perl {file} {host} {port} {timeout}
use strict;
use IO::Socket::INET;
use Time::HiRes qw(alarm time);

my ($host, $port, $wait) = @ARGV;
sub quit { print STDERR "error: @_\n"; exit 1 }
sub table {
    my ($title, $packet) = @_;
    print "$title\n";
    my $at = 0;
    for my $field (['LI VN modo', 1], ['estrato', 1], ['poll', 1], ['precisión', 1], ['root delay', 4],
        ['dispersión', 4], ['id', 4], ['referencia', 8], ['origen', 8], ['recepción', 8], ['transmisión', 8]) {
        my ($name, $size) = @$field;
        printf "%2d  %-23s  %s\n", $at, join(' ', map { sprintf '%02x', $_ } unpack "x$at C$size", $packet), $name;
        $at += $size;
    }
}
sub unix { my ($s, $f) = @_; $s += 2**32 if $s < 2**31; return $s - 2208988800 + $f / 2**32 }

my $s = IO::Socket::INET->new(Proto => 'udp', PeerAddr => $host, PeerPort => $port) or quit("$host: $@");
open my $random, '<', '/dev/urandom' or quit("no random numbers: $!");
read $random, my $cookie, 8;
my $request = pack 'C x39 a8', 0x23, $cookie;
$SIG{ALRM} = sub { quit('no answer') };
alarm $wait;
my $t1 = time;
$s->send($request) or quit("send: $!");
defined $s->recv(my $answer, 500) or quit("recv: $!");
my $t4 = time;
table('Pregunta', $request);
quit('short answer') if length $answer < 48;
table('Respuesta', $answer);
my ($flags, $stratum, $code, $origin, @t) = unpack 'C C x10 a4 x8 a8 N4', $answer;
quit('mode') if ($flags & 7) != 4;
quit('origin') if $origin ne $cookie;
quit("kiss code $code") if $stratum == 0;
quit('not synchronized') if $stratum > 15 or $flags >> 6 == 3;
my ($t2, $t3) = (unix(@t[0, 1]), unix(@t[2, 3]));
printf "offset %.6f\ndelay %.6f\n", ($t2 - $t1 + $t3 - $t4) / 2, $t4 - $t1 - $t3 + $t2;
