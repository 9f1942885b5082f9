#: run perl {file} {options} {host} {port}
# A child for the keyboard, the parent for the network.
use strict;
use Getopt::Std;
use IO::Socket::IP;
use Socket 'MSG_PEEK';

sub quit { print STDERR "netcat: @_\n"; exit 1 }

getopts('luC', \my %is) or exit 2;
my $port = pop @ARGV;
my $host = @ARGV ? shift @ARGV : '127.0.0.1';
my $kind = $is{u} ? SOCK_DGRAM : SOCK_STREAM;
my $s;
if ($is{l}) {
    my @listens = $is{u} ? () : (Listen => 1);
    my $door = IO::Socket::IP->new(LocalHost => $host, LocalPort => $port, Type => $kind, ReuseAddr => 1, @listens)
        or quit("port $port: $@");
    if ($is{u}) {
        my $peer = recv $door, my $none, 1, MSG_PEEK;
        connect $door, $peer;
        $s = $door;
    } else {
        $s = $door->accept or quit("accept: $!");
        close $door;
    }
} else {
    $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => $kind, Timeout => 4)
        or quit("$host:$port: $@");
}
my $child = fork // die "fork: $!\n";
if (!$child) {
    $SIG{PIPE} = 'IGNORE';
    while (sysread STDIN, my $data, 65536) {
        $data =~ s/\n/\r\n/g if $is{C};
        while (length $data) {
            my $size = $is{u} && $data =~ /\n/ ? $+[0] : length $data; # a datagram is a line
            my $n = syswrite $s, $data, $size or exit 0;
            substr $data, 0, $n, '';
        }
    }
    shutdown $s, 1 unless $is{u};
    exit 0;
}
my $n;
while (defined($n = sysread $s, my $data, 65536)) {
    last unless $n or $is{u};
    while (length $data) {
        my $m = syswrite STDOUT, $data or last;
        substr $data, 0, $m, '';
    }
}
my $why = $!;
kill 'TERM', $child;
waitpid $child, 0;
if (!defined $n) {
    print STDERR "$host:$port: $why\n";
    exit 1;
}
