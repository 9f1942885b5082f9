#: run perl {file} {host} {port} {timeout}
use strict;
use Time::HiRes "alarm";
use IO::Socket::IP;
$| = 1;
$SIG{PIPE} = 'IGNORE';
my ($host, $port, $seconds) = @ARGV;
my $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => SOCK_STREAM) or die "$host: $@\n";
print "Mensaje: ";
my $message = <STDIN>;
chomp $message;
$SIG{ALRM} = sub { die "el servidor no contesta\n" };
alarm $seconds;
my $left = length $message;
syswrite $s, $message;
while ($left > 0) {
    my $n = sysread $s, my $piece, 16;
    die "recv: $!\n" unless defined $n;
    die "faltan $left bytes\n" if $n == 0;
    print "Recibido: $piece\n";
    $left -= $n;
}
print "Cerrando\n";
