//! What the experiments 1 to 12 must observe.

use super::Claims;

pub const CLAIMS: &[Claims] = &[
    (
        1,
        &[
            ("sendto() with no server", "ok"),
            ("the server, started later", "timed out"),
            ("recvfrom() of the client", "timed out"),
            ("a connected socket: the next call", "ECONNREFUSED"),
        ],
    ),
    (
        3,
        &[
            ("connect() with no server", "ECONNREFUSED"),
            ("it failed within 2 seconds", "yes"),
            ("a new socket, once the server listens", "ok"),
        ],
    ),
];
