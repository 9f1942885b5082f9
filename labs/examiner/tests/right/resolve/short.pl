#: run perl {file} {name}
use strict;
use Socket qw(:addrinfo);
my $name = shift // 'www.google.com';
my ($error, @found) = getaddrinfo($name);
if ($error) {
    print STDERR "no se encuentra $name: $error\n";
    exit 1;
}
my %seen;
for my $one (@found) {
    my ($no, $text) = getnameinfo($one->{addr}, NI_NUMERICHOST, NIx_NOSERV);
    print "$text\n" unless $seen{$text}++;
}
