//! What the experiments 13 to 25 must observe.

use super::Claims;

#[rustfmt::skip] // a table
pub const CLAIMS: &[Claims] = &[
    (13, &[
        ("one recv(1024) after two sends", "12 bytes"),
        ("a recv() between the sends", "7 bytes, then 5 bytes"),
        ("recv(5), of 12 bytes", "5 bytes, then 5 bytes, then 2 bytes"),
    ]),
    (14, &[
        ("the first recvfrom(8)", "8 bytes"),
        ("the second recvfrom(8)", "6 bytes"),
        ("recvmsg(8) of the long one", "MSG_TRUNC"),
    ]),
    (15, &[
        ("sendto() of 65,508 bytes", "EMSGSIZE"),
        ("sendto() of 65,507 bytes", "ok"),
        ("the first that arrives", "65,507 bytes"),
    ]),
    (16, &[
        ("recv()", "0 bytes"),
        ("the first send()", "ok"),
        ("the second send()", "EPIPE"),
        ("recv(), where input was left unread", "ECONNRESET"),
    ]),
    (17, &[
        ("the first recv() of the server", "5 bytes"),
        ("the second recv() of the server", "0 bytes"),
        ("state of the client", "FIN_WAIT2"),
        ("state of the server", "CLOSE_WAIT"),
        ("send() of the answer", "ok"),
        ("recv() of the client", "5 bytes"),
    ]),
    (18, &[
        ("recv() after a usual close()", "0 bytes"),
        ("left after a usual close()", "TIME_WAIT"),
        ("recv() after SO_LINGER 0", "ECONNRESET"),
        ("left after SO_LINGER 0", "nothing"),
    ]),
    (19, &[
        ("neither had SO_REUSEADDR", "EADDRINUSE"),
        ("only the old socket had it", "EADDRINUSE"),
        ("only the new socket had it", "EADDRINUSE"),
        ("both had it", "ok"),
        ("neither, and the client closed first", "ok"),
    ]),
    (20, &[
        ("bind() to a low port, without the right", "EACCES"),
        ("bind() to a high port", "ok"),
    ]),
    (21, &[
        ("connect() of TCP", "timed out"),
        ("state while it waits", "SYN_SENT"),
        ("send() of UDP", "ok"),
        ("recv() of UDP", "timed out"),
    ]),
    (22, &[
        ("the last send()", "timed out"),
        ("what the server then reads", "all that was taken"),
        ("send() after that", "ok"),
    ]),
    (23, &[
        ("connect() to ::1", "ECONNREFUSED"),
        ("connect() to 127.0.0.1", "ok"),
    ]),
    (24, &[
        ("recvfrom() of an unconnected client", "from 127.0.0.1"),
        ("recv() of a connected client", "timed out"),
        ("the same, with a server bound to 127.0.0.2", "ok"),
    ]),
    (25, &[
        ("connect() to its own port", "ok"),
        ("its state", "ESTABLISHED"),
        ("its peer", "itself"),
        ("recv() after send()", "5 bytes"),
    ]),
];
