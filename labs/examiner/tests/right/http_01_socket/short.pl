use strict;
use Socket;
socket(my $s, AF_INET, SOCK_STREAM, getprotobyname('tcp') || 6) or do { print "No socket: $!\n"; exit 1 };
print "Socket created\n";
