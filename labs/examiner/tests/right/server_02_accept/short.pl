#: run perl {file} {port}
use strict;
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => shift // 8888, Listen => 10)
    or die "bind: $@\n";
print "Escuchando\n";
my ($client, $address) = $server->accept or die "accept: $!\n";
my ($port, $ip) = sockaddr_in($address);
print "Conectado con ", inet_ntoa($ip), ":$port\n";
