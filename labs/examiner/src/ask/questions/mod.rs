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
    lab: u8,
    key: &'static str,
    question: &'static Question,
    title: &'static str,
) -> Entry {
    Entry { number, lab, key, question, title }
}

/// Every question: its number, its lab, its key, itself, and what happens if …, in a few words.
#[rustfmt::skip] // two lines each
pub const QUESTIONS: &[Entry] = &[
    entry(1, 2, "udp_client_first", &udp_client_first::UDP_CLIENT_FIRST,
        "the UDP client is run before the UDP server"),
    entry(2, 2, "udp_enter", &udp_enter::UDP_ENTER,
        "you type a sentence in the UDP client and press ENTER"),
    entry(3, 2, "tcp_client_first", &tcp_client_first::TCP_CLIENT_FIRST,
        "the TCP client is run before the TCP server"),
    entry(4, 2, "udp_client_to_tcp_server", &other_protocol::UDP_CLIENT_TO_TCP_SERVER,
        "the TCP server runs, and a UDP client asks its port"),
    entry(5, 2, "tcp_client_to_udp_server", &other_protocol::TCP_CLIENT_TO_UDP_SERVER,
        "the UDP server runs, and a TCP client asks its port"),
    entry(6, 2, "two_tcp_servers", &two_servers::TWO_TCP_SERVERS,
        "the TCP server is started twice"),
    entry(7, 2, "two_udp_servers", &two_servers::TWO_UDP_SERVERS,
        "the UDP server is started twice"),
    entry(8, 2, "both_on_one_port", &other_protocol::BOTH_ON_ONE_PORT,
        "a TCP and a UDP server want the same port number"),
    entry(9, 2, "empty_host", &empty_host::EMPTY_HOST,
        "the host in bind() is empty: bind(('', port))"),
    entry(10, 5, "bound_not_listening", &listening::BOUND_NOT_LISTENING,
        "a server has called bind() and not listen()"),
    entry(11, 5, "nobody_accepts", &listening::NOBODY_ACCEPTS,
        "a server listens, and nobody calls accept()"),
    entry(12, 5, "backlog_full", &listening::BACKLOG_FULL,
        "the backlog is full"),
    entry(13, 4, "two_sends_one_recv", &two_sends_one_recv::TWO_SENDS_ONE_RECV,
        "there are two sends and one recv"),
    entry(14, 2, "datagram_cut", &datagram_cut::DATAGRAM_CUT,
        "a datagram is larger than the buffer"),
    entry(15, 6, "datagram_too_large", &datagram_too_large::DATAGRAM_TOO_LARGE,
        "a datagram has 65,508 bytes"),
    entry(16, 5, "server_dies", &server_dies::SERVER_DIES,
        "the server dies while a client is connected"),
    entry(17, 6, "half_close", &half_close::HALF_CLOSE,
        "the client closes one half: shutdown(SHUT_WR)"),
    entry(18, 6, "linger_zero", &linger_zero::LINGER_ZERO,
        "a socket is closed with SO_LINGER 0"),
    entry(19, 5, "restart_in_time_wait", &restart_in_time_wait::RESTART_IN_TIME_WAIT,
        "a server is started again at once, within TIME_WAIT"),
    entry(20, 5, "port_below_1024", &port_below_1024::PORT_BELOW_1024,
        "a program wants a port below 1024"),
    entry(21, 3, "silent_host", &silent_host::SILENT_HOST,
        "the host never answers"),
    entry(22, 6, "peer_never_reads", &peer_never_reads::PEER_NEVER_READS,
        "the peer never reads"),
    entry(23, 4, "localhost_is_ipv6_first", &localhost_is_ipv6_first::LOCALHOST_IS_IPV6_FIRST,
        "localhost is ::1 first, and the server is on 127.0.0.1 only"),
    entry(24, 7, "answer_from_another_address", &answer_from_another_address::ANSWER_FROM_ANOTHER_ADDRESS,
        "a UDP server on 0.0.0.0 is asked at 127.0.0.2"),
    entry(25, 6, "connects_to_itself", &connects_to_itself::CONNECTS_TO_ITSELF,
        "a TCP socket connects to itself"),
];
