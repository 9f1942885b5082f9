#: run perl {file} {port}
use strict;
use Socket;

socket(my $s, PF_INET, SOCK_DGRAM, getprotobyname('udp')) or die "socket: $!\n";
bind($s, sockaddr_in($ARGV[0] || 12000, INADDR_ANY)) or die "bind: $!\n";
my $from = recv($s, my $text, 65536, 0) or die "recv: $!\n";
my ($port, $address) = sockaddr_in($from);
print "Recibido: $text\nDe ", inet_ntoa($address), ", puerto $port\n";
send($s, 'Message received.', 0, $from) or warn "send: $!\n";
