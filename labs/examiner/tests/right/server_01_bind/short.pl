#: run perl {file} {port}
use strict;
use Socket;
my $port = shift || 8888;
socket(my $s, PF_INET, SOCK_STREAM, 0) or die "No socket: $!\n";
print "Socket created\n";
bind($s, pack_sockaddr_in($port, INADDR_LOOPBACK)) or die "Bind failed: $!\n";
print "Socket bound to port $port\n";
