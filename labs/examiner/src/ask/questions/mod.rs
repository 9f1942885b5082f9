//! All questions, in the order of their numbers: the order of the course.

mod answer_from_another_address;
mod connection;
mod connects_to_itself;
mod datagram_cut;
mod datagram_too_large;
mod empty_host;
mod half_close;
mod linger_zero;
mod listening;
mod localhost_is_ipv6_first;
mod other_protocol;
mod peer_never_reads;
mod port_below_1024;
mod restart_in_time_wait;
mod server_dies;
mod silent_host;
mod tcp_client_first;
mod two_sends_one_recv;
mod two_servers;
mod udp_client_first;
mod udp_enter;

use super::{Entry, Question};

const fn entry(
    number: u8,
    key: &'static str,
    lab: u8,
    question: Option<&'static Question>,
) -> Entry {
    Entry { number, key, lab, question }
}

/// Every question. `None`: not written yet, and shown nowhere.
#[rustfmt::skip] // one line each
pub const QUESTIONS: &[Entry] = &[
    entry(1, "udp_client_first", 2, Some(&udp_client_first::UDP_CLIENT_FIRST)),
    entry(2, "udp_enter", 2, Some(&udp_enter::UDP_ENTER)),
    entry(3, "tcp_client_first", 2, Some(&tcp_client_first::TCP_CLIENT_FIRST)),
    entry(4, "udp_client_to_tcp_server", 2, Some(&other_protocol::UDP_CLIENT_TO_TCP_SERVER)),
    entry(5, "tcp_client_to_udp_server", 2, Some(&other_protocol::TCP_CLIENT_TO_UDP_SERVER)),
    entry(6, "two_tcp_servers", 2, Some(&two_servers::TWO_TCP_SERVERS)),
    entry(7, "two_udp_servers", 2, Some(&two_servers::TWO_UDP_SERVERS)),
    entry(8, "both_on_one_port", 2, Some(&other_protocol::BOTH_ON_ONE_PORT)),
    entry(9, "empty_host", 2, Some(&empty_host::EMPTY_HOST)),
    entry(10, "bound_not_listening", 5, Some(&listening::BOUND_NOT_LISTENING)),
    entry(11, "nobody_accepts", 5, Some(&listening::NOBODY_ACCEPTS)),
    entry(12, "backlog_full", 5, Some(&listening::BACKLOG_FULL)),
    entry(13, "two_sends_one_recv", 4, Some(&two_sends_one_recv::TWO_SENDS_ONE_RECV)),
    entry(14, "datagram_cut", 2, Some(&datagram_cut::DATAGRAM_CUT)),
    entry(15, "datagram_too_large", 6, Some(&datagram_too_large::DATAGRAM_TOO_LARGE)),
    entry(16, "server_dies", 5, Some(&server_dies::SERVER_DIES)),
    entry(17, "half_close", 6, Some(&half_close::HALF_CLOSE)),
    entry(18, "linger_zero", 6, Some(&linger_zero::LINGER_ZERO)),
    entry(19, "restart_in_time_wait", 5, Some(&restart_in_time_wait::RESTART_IN_TIME_WAIT)),
    entry(20, "port_below_1024", 5, Some(&port_below_1024::PORT_BELOW_1024)),
    entry(21, "silent_host", 3, Some(&silent_host::SILENT_HOST)),
    entry(22, "peer_never_reads", 6, Some(&peer_never_reads::PEER_NEVER_READS)),
    entry(23, "localhost_is_ipv6_first", 4, Some(&localhost_is_ipv6_first::LOCALHOST_IS_IPV6_FIRST)),
    entry(24, "answer_from_another_address", 7, Some(&answer_from_another_address::ANSWER_FROM_ANOTHER_ADDRESS)),
    entry(25, "connects_to_itself", 6, Some(&connects_to_itself::CONNECTS_TO_ITSELF)),
];

/// What happens if …, in a few words each, in the order of the numbers.
pub const TITLES: [&str; 25] = [
    "the UDP client is run before the UDP server",
    "you type a sentence in the UDP client and press ENTER",
    "the TCP client is run before the TCP server",
    "the TCP server runs, and a UDP client asks its port",
    "the UDP server runs, and a TCP client asks its port",
    "the TCP server is started twice",
    "the UDP server is started twice",
    "a TCP and a UDP server want the same port number",
    "the host in bind() is empty: bind(('', port))",
    "a server has called bind() and not listen()",
    "a server listens, and nobody calls accept()",
    "the backlog is full",
    "there are two sends and one recv",
    "a datagram is larger than the buffer",
    "a datagram has 65,508 bytes",
    "the server dies while a client is connected",
    "the client closes one half: shutdown(SHUT_WR)",
    "a socket is closed with SO_LINGER 0",
    "a server is started again at once, within TIME_WAIT",
    "a program wants a port below 1024",
    "the host never answers",
    "the peer never reads",
    "localhost is ::1 first, and the server is on 127.0.0.1 only",
    "a UDP server on 0.0.0.0 is asked at 127.0.0.2",
    "a TCP socket connects to itself",
];
