//! What the experiments 1 to 12 must observe.

use super::Claims;

#[rustfmt::skip] // a table
pub const CLAIMS: &[Claims] = &[
    (1, &[
        ("sendto() with no server", "ok"),
        ("the server, started later", "timed out"),
        ("recvfrom() of the client", "timed out"),
        ("a connected socket: the next call", "ECONNREFUSED"),
    ]),
    (2, &[
        ("datagrams to the server", "1"),
        ("the server got", "\"hello, world\""),
        ("the client's port", "chosen by the system"),
        ("the answer came from", "the server's port"),
        ("the client got", "\"HELLO, WORLD\""),
    ]),
    (3, &[
        ("connect() with no server", "ECONNREFUSED"),
        ("it failed within 3 seconds", "yes"),
        ("a new socket, once the server listens", "ok"),
    ]),
    (4, &[
        ("sendto()", "ok"),
        ("recvfrom() of the client", "timed out"),
        ("accept() of the TCP server", "timed out"),
        ("a connected UDP socket is told", "ECONNREFUSED"),
    ]),
    (5, &[
        ("connect()", "ECONNREFUSED"),
        ("recvfrom() of the UDP server", "timed out"),
        ("asked by UDP, it still answers", "yes"),
    ]),
    (6, &[
        ("second bind()", "EADDRINUSE"),
        ("second bind(), SO_REUSEADDR on both", "EADDRINUSE"),
        ("the first still takes clients", "yes"),
    ]),
    (7, &[
        ("second bind()", "EADDRINUSE"),
        ("second bind(), SO_REUSEADDR on both", "ok"),
        ("datagrams to the first", "0"),
        ("datagrams to the second", "3"),
        ("after the second is closed, the first gets", "all"),
    ]),
    (8, &[
        ("bind() of the TCP server", "ok"),
        ("bind() of the UDP server", "ok"),
        ("answer over TCP", "from the TCP server"),
        ("answer over UDP", "from the UDP server"),
    ]),
    (9, &[
        ("getsockname() says", "0.0.0.0"),
        ("bound to '', reached at 127.0.0.1", "ok"),
        ("bound to '', reached at 127.0.0.2", "ok"),
        ("bound to 127.0.0.1, reached at 127.0.0.1", "ok"),
        ("bound to 127.0.0.1, reached at 127.0.0.2", "ECONNREFUSED"),
    ]),
    (10, &[
        ("after bind(), listed as listening", "no"),
        ("bind() of another program", "EADDRINUSE"),
        ("connect() after bind()", "ECONNREFUSED"),
        ("after listen(), listed as listening", "yes"),
        ("connect() after listen()", "ok"),
    ]),
    (11, &[
        ("connect()", "ok"),
        ("send()", "ok"),
        ("Recv-Q of the listening socket", "1"),
        ("state of the client", "ESTABLISHED"),
        ("recv() of the client", "timed out"),
        ("accept() later, and recv()", "\"hello\""),
    ]),
    (12, &[
        ("clients that connected", "3"),
        ("connect() of the next one", "timed out"),
        ("its state while it waited", "SYN_SENT"),
        ("after one accept(), another connect()", "ok"),
    ]),
];
