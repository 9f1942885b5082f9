#: run perl {file} {port} {root} {idle}
# A process for each client.
use strict;
use Time::HiRes "alarm";
use Cwd 'realpath';
use IO::Socket::INET;

my ($port, $folder, $idle) = @ARGV;
my $root = realpath($folder);
my %kinds = (html => 'text/html', txt => 'text/plain', css => 'text/css', png => 'image/png');
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';

sub answer {
    my ($client, $status, $kind, $body, $is_head) = @_;
    my $head = "HTTP/1.1 $status Answer\r\nContent-Type: $kind\r\nContent-Length: " . length($body)
        . "\r\nConnection: close\r\n\r\n";
    my $all = $is_head ? $head : $head . $body;
    alarm 0;
    while (length $all) {
        my $n = syswrite $client, $all or last;
        substr $all, 0, $n, '';
    }
    shutdown $client, 1;
    alarm 5;
    1 while sysread $client, my $rest, 65536;
    exit 0;
}

sub serve {
    my $client = shift;
    my $head = '';
    my $no = sub { answer($client, $_[0], 'text/plain', "$_[0]\n", $head =~ /^HEAD /) };
    $SIG{ALRM} = sub { $no->(408) };
    alarm $idle;
    until ($head =~ /\r\n\r\n/) {
        my $n = sysread $client, $head, 4096, length $head;
        exit 0 unless $n;
        $no->(431) if length $head > 20000;
    }
    my ($method, $target, $version) = $head =~ m{^(\S+) (\S+) HTTP/1\.(\d)\r\n} or $no->(400);
    $no->(400) if $version and $head !~ /\r\nhost:/i;
    $no->(405) unless $method eq 'GET' or $method eq 'HEAD';
    $target =~ s/\?.*//s;
    $target =~ s/%([0-9a-f]{2})/chr hex $1/gie;
    my $file = realpath("$root/$target") // '';
    $file .= '/index.html' if -d $file;
    $no->(404) unless index($file, "$root/") == 0 and -f $file;
    open my $data, '<:raw', $file or $no->(404);
    local $/;
    my ($ending) = $file =~ /\.(\w+)$/;
    answer($client, 200, $kinds{$ending // ''} // 'application/octet-stream', scalar <$data>, $method eq 'HEAD');
}

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 100, ReuseAddr => 1)
    or do { print STDERR "port $port: $@\n"; exit 1 };
while (1) {
    my $client = $server->accept or next;
    my $child = fork;
    serve($client) if defined $child and $child == 0;
    close $client;
}
