//! `udp_echo_server`: each datagram back to where it came from.

use socket_labs::socket_table::Protocol::Udp;

use crate::exam::mistakes::STRICT_DECODING;
use crate::exam::scene::Server;
use crate::exam::udp_servers::{
    self, BYTES_HINTS, GONE_HINTS, ONE_BY_ONE_HINTS, SIZE_HINTS, SOURCE_HINTS,
};
use crate::exam::{Exam, Outcome, Scene, Way, must, servers, should};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "udp_echo_server",
    arguments: &["--port", "{port}"],
    port: 65432,
    checks: &[
        must("binds", 2, "The program has a UDP socket at its port.", |scene| {
            scene.udp_server().map(drop)
        })
        .hints(&[(
            Way::NotReady,
            "Create a socket of SOCK_DGRAM and bind() it to the port of the lab.",
        )]),
        must("echoes", 4, "A client gets its datagram back as it was.", |scene| {
            udp_servers::answers(scene, echo)
        })
        .needs(&["binds"])
        .hints(&[
            (Way::Silent, "Send the datagram with sendto(), to the address that recvfrom() told."),
            (Way::Different, "Send the bytes back as they came: do not change them."),
            (Way::Missing, "Send back all the bytes that came: do not strip or cut them."),
            (Way::Extra, "Send back the bytes that came, not the whole buffer."),
        ]),
        must("goes_on", 2, "After an echo it waits for the next datagram, for ever.", |scene| {
            udp_servers::goes_on(scene, echo)
        })
        .needs(&["echoes"])
        .hints(&[
            (Way::Ended, "Put recvfrom() and sendto() into a loop that never ends."),
            (Way::Silent, "After an echo go back to recvfrom(), whoever may send next."),
        ]),
        must(
            "line_ends",
            1,
            "Spaces and line ends come back: they belong to the datagram.",
            line_ends,
        )
        .needs(&["echoes"])
        .hints(&[
            (Way::Missing, "Do not strip anything: a datagram is bytes, not a line."),
            (Way::Different, "Do not strip or change anything: a datagram is bytes, not a line."),
        ]),
        should("empty_datagram", 1, "An empty datagram comes back empty.", |scene| {
            udp_servers::answers_size(scene, 0, echo)
        })
        .needs(&["goes_on"])
        .hints(&[
            (Way::Silent, "A datagram of 0 bytes is a datagram: send it back like any other."),
            (Way::Ended, "A datagram of 0 bytes is no end of a stream: UDP has none."),
        ]),
        should("one_byte", 1, "A datagram of 1 byte comes back.", |scene| {
            udp_servers::answers_size(scene, 1, echo)
        })
        .needs(&["goes_on"])
        .hints(SIZE_HINTS),
        should(
            "one_frame",
            1,
            "A datagram of 1,472 bytes, which fill an Ethernet frame, comes back whole.",
            |scene| udp_servers::answers_size(scene, udp_servers::ONE_FRAME, echo),
        )
        .needs(&["goes_on"])
        .hints(SIZE_HINTS),
        should(
            "largest_datagram",
            1,
            "A datagram of 65,507 bytes, the most there can be, comes back whole.",
            |scene| udp_servers::answers_size(scene, udp_servers::LARGEST, echo),
        )
        .needs(&["goes_on"])
        .hints(SIZE_HINTS),
        should("nul_bytes", 1, "Zero bytes come back as they were.", |scene| {
            udp_servers::answers_nul_bytes(scene, echo)
        })
        .needs(&["goes_on"])
        .hints(BYTES_HINTS),
        should("not_utf8", 1, "Bytes that are not UTF-8 come back as they were.", |scene| {
            udp_servers::answers_what_is_not_utf8(scene, echo)
        })
        .needs(&["goes_on"])
        .finds(&STRICT_DECODING)
        .hints(BYTES_HINTS),
        must("two_stay_two", 1, "Two datagrams sent at once come back as two.", |scene| {
            udp_servers::two_stay_two(scene, echo)
        })
        .needs(&["goes_on"])
        .fragile_if(&[Way::Silent])
        .hints(ONE_BY_ONE_HINTS),
        should(
            "stale_tail",
            1,
            "A short datagram comes back without the rest of a longer one before it.",
            |scene| udp_servers::a_short_one_after_a_long_one(scene, echo),
        )
        .needs(&["goes_on"])
        .hints(ONE_BY_ONE_HINTS),
        must(
            "each_client_its_own",
            1,
            "Of several clients that send at the same time each gets its own datagram back.",
            |scene| udp_servers::each_client_its_own(scene, echo),
        )
        .needs(&["goes_on"])
        .hints(ONE_BY_ONE_HINTS),
        should(
            "from_the_port_asked",
            1,
            "The echo comes from the address and the port that were asked.",
            |scene| udp_servers::answers_from_the_port_asked(scene, echo),
        )
        .needs(&["echoes"])
        .hints(SOURCE_HINTS),
        should(
            "survives_a_client_that_is_gone",
            1,
            "A client that has gone before its echo comes does not end the server.",
            |scene| udp_servers::survives_a_client_that_is_gone(scene, exchange),
        )
        .needs(&["goes_on"])
        .hints(GONE_HINTS),
        should(
            "leaves_no_open_files",
            1,
            "200 clients one after the other leave the open files as they were.",
            |scene| servers::leaves_no_open_files(scene, Udp, exchange),
        )
        .needs(&["goes_on"])
        .hints(&[(Way::Leaks, "One socket is enough for all clients: create none in the loop.")]),
        should("waits_without_work", 1, "With nothing to do it uses no CPU.", |scene| {
            servers::waits_without_work(scene, Udp)
        })
        .needs(&["binds"]),
        should(
            "port_taken",
            1,
            "Where its port is taken it ends with a sentence and exit code 1.",
            |scene| servers::port_taken(scene, Udp),
        )
        .needs(&["binds"]),
        must("ends_at_sigterm", 1, "SIGTERM ends it.", |scene| {
            servers::ends_at_sigterm(scene, Udp)
        })
        .needs(&["binds"]),
    ],
};

/// What goes back: the datagram itself.
fn echo(datagram: &[u8]) -> Vec<u8> {
    datagram.to_vec()
}

fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    udp_servers::exchange(scene, server, echo)
}

fn line_ends(scene: &mut Scene) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    let datagram = format!(" \t{}\r\n\n{} \r\n", scene.sentence(), scene.sentence());
    udp_servers::ask(&server, &client, datagram.as_bytes(), echo)
}
