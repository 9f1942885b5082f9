#: run perl {file} {url}
# Knows -i, -v and --fail; reads lines and blocks of a buffered handle.
use strict;
use IO::Socket::INET;

my $url = pop @ARGV;
my %flags = map { $_ => 1 } @ARGV;
sub quit { print STDERR "http_get: @_\n"; exit 1 }
my ($host, $port, $path) = $url =~ m{^http://([^/:?]+)(?::(\d+))?(/[^#]*)?} or quit("solo http, no $url");
my $where = $port ? "$host:$port" : $host;
my $s;
my (undef, undef, undef, undef, @addresses) = gethostbyname $host;
for my $ip (map { Socket::inet_ntoa($_) } @addresses) {
    $s = IO::Socket::INET->new(PeerAddr => $ip, PeerPort => $port || 80, Timeout => 3) and last;
}
$s or quit("no se llega a $where: $@");
$SIG{ALRM} = sub { quit('el servidor no contesta') };
alarm 4;
my $request = "GET " . ($path || '/') . " HTTP/1.1\r\nHost: $where\r\nConnection: close\r\n\r\n";
if ($flags{-v}) {
    print STDERR "> $_\n" for split /\r\n/, $request;
}
print $s $request;
$s->flush;
binmode STDOUT;

my ($head, $status, %field);
do {
    ($head, %field) = ('');
    while (defined(my $line = <$s>)) {
        $head .= $line;
        last if $line =~ /^\r?\n$/;
        $field{lc $1} = $2 if $line =~ /^([^:\s]+):\s*(.*?)\s*$/;
    }
    ($status) = $head =~ m{^HTTP/\d\.\d (\d+)} or quit('eso no es HTTP');
} while $status < 200;
if ($flags{-v}) {
    print STDERR "< $_\n" for split /\r\n/, $head;
}

sub block {
    my ($size, $all) = (shift, '');
    while (length $all < $size) {
        my $n = read $s, $all, $size - length $all, length $all;
        quit('la página está cortada') unless $n;
    }
    return $all;
}

my $body = '';
if ($status == 204 or $status == 304) {
} elsif (lc($field{'transfer-encoding'} // '') eq 'chunked') {
    while (1) {
        my $line = <$s> // quit('la página está cortada');
        my $size = hex(($line =~ /^([0-9a-f]+)/i)[0] // quit('un trozo sin longitud'));
        last unless $size;
        $body .= block($size);
        block(2);
    }
    while (my $line = <$s>) { last if $line =~ /^\r?\n$/ }
} elsif (defined $field{'content-length'}) {
    $body = block($field{'content-length'});
} else {
    local $/;
    $body = <$s> // '';
}
quit("estado $status") if $flags{'--fail'} and $status >= 400;
print $head if $flags{-i};
print $body;
