#: run perl {file} {port} {peer}
use strict;
use Encode qw(decode FB_CROAK);
use IO::Select;
use IO::Socket::INET;
use Time::HiRes;

my ($port, @peers) = @ARGV;
my $quote = '"It always seems impossible until it\'s done" - Nelson Mandela';
my $s = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => $port)
    or do { print STDERR "puerto $port: $@\n"; exit 1 };
my $ready = IO::Select->new($s);
my %times;
$| = 1;

sub adler32 {
    my ($x, $y) = (1, 0);
    for my $byte (unpack 'C*', $_[0]) {
        $x = ($x + $byte) % 65521;
        $y = ($y + $x) % 65521;
    }
    return $y << 16 | $x;
}

sub show {
    my ($data, $ip) = @_;
    if (length $data < 18 or unpack('N', $data) != adler32(substr $data, 4)) {
        print STDERR "descartado: corto o dañado\n";
        return;
    }
    my ($sent, $a, $b, $c, $d) = unpack 'x4 Q> C4', $data;
    my $text = substr $data, 18;
    if (!defined eval { decode('UTF-8', my $copy = $text, FB_CROAK) }) {
        print STDERR "descartado: no es UTF-8\n";
        return;
    }
    my $count = ++$times{$ip};
    print "$text\n  hace ", time - $sent, " s, de $ip ($a.$b.$c.$d), van $count\n";
}

my $next = Time::HiRes::time;
while (1) {
    my $left = @peers ? $next - Time::HiRes::time : undef;
    if (!defined $left or $left > 0) {
        my @some = defined $left ? $ready->can_read($left) : $ready->can_read;
        if (@some and defined(my $from = $s->recv(my $data, 65535))) {
            my ($number, $ip) = unpack_sockaddr_in($from);
            show($data, inet_ntoa($ip));
        }
        next;
    }
    $next += 2;
    $next = Time::HiRes::time if $next < Time::HiRes::time;
    my $rest = pack('Q> C4 n', time, 127, 0, 0, 1, $port) . $quote;
    for my $peer (@peers) {
        my ($host, $number) = split /:/, $peer;
        $s->send(pack('N', adler32($rest)) . $rest, 0, pack_sockaddr_in($number, inet_aton($host)));
    }
}
