#: run perl {file} {port} {skew}
use strict;
use IO::Socket::INET;
use POSIX 'floor';
use Time::HiRes 'time';

my ($port, $skew) = @ARGV;
my $s = IO::Socket::INET->new(Proto => 'udp', LocalPort => $port) or do { print STDERR "port $port: $@\n"; exit 1 };
sub now {
    my $clock = time + $skew + 2208988800;
    my $whole = floor($clock);
    return pack 'NN', $whole % 2**32, int(($clock - $whole) * 2**32);
}
while (1) {
    my $from = $s->recv(my $request, 1024);
    next unless defined $from and length $request >= 48;
    my $receive = now();
    my ($first, undef, $poll) = unpack 'CCC', $request;
    next if ($first & 7) != 3;
    my $answer = pack 'CCCc x8 a4 x8 a8 a8', $first & 0x38 | 4, 1, $poll, -20, 'LOCL', substr($request, 40, 8), $receive;
    $s->send($answer . now(), 0, $from);
}
