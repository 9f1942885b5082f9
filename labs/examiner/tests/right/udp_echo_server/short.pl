#: run perl {file} {port}
use strict;
use IO::Socket::INET;
my $s = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', LocalPort => shift // 65432)
    or die "sin puerto: $@\n";
while (1) {
    defined(my $from = $s->recv(my $data, 65535)) or next;
    defined $s->send($data, 0, $from) or warn "send: $!\n";
}
