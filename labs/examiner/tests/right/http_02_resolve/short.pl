#: run perl {file} {host}
use strict;
use Socket;
my $host = shift;
my $ip = inet_aton($host);
if (!$ip) {
    print STDERR "$host: nombre desconocido\n";
    exit 1;
}
print "La IP de $host es ", inet_ntoa($ip), "\n";
