//! `udp_server`: the upper case of every datagram back to where it came from, for ever.

use socket_labs::socket_table::Protocol::Udp;

use crate::exam::mistakes::STRICT_DECODING;
use crate::exam::scene::Server;
use crate::exam::udp_servers::{
    self, BYTES_HINTS, GONE_HINTS, ONE_BY_ONE_HINTS, SIZE_HINTS, SOURCE_HINTS,
};
use crate::exam::{Exam, Outcome, Scene, Way, must, servers, should};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "udp_server",
    arguments: &["--port", "{port}"],
    port: 12000,
    checks: &[
        must(
            "binds",
            2,
            "The program has a UDP socket at its port, and waits for a datagram.",
            udp_servers::binds,
        )
        .hints(&[(
            Way::NotReady,
            "Create a socket of SOCK_DGRAM and bind() it to the port of the lab.",
        )]),
        must("answers", 4, "A client gets its sentence back in upper case.", |scene| {
            udp_servers::answers(scene, upper)
        })
        .needs(&["binds"])
        .hints(&[
            (Way::Silent, "Send the answer with sendto(), to the address that recvfrom() told."),
            (Way::Different, "Answer with the upper case of what came, and with nothing else."),
            (Way::Missing, "Answer with all the bytes that came."),
            (Way::Extra, "Answer with the bytes that came, not with the whole buffer."),
        ]),
        must("goes_on", 2, "After an answer it waits for the next datagram, for ever.", |scene| {
            udp_servers::goes_on(scene, upper)
        })
        .needs(&["answers"])
        .hints(&[
            (Way::Ended, "Put recvfrom() and sendto() into a loop that never ends."),
            (Way::Silent, "After an answer go back to recvfrom(), whoever may send next."),
        ]),
        must(
            "prints_the_client",
            1,
            "For each datagram it prints the address and the port of the client.",
            udp_servers::prints_the_client,
        )
        .needs(&["goes_on"])
        .hints(&[(Way::NotPrinted, "recvfrom() tells where the datagram came from: print that.")]),
        should(
            "letters_only",
            1,
            "Capitals, digits, punctuation and line ends come back as they were.",
            letters_only,
        )
        .needs(&["answers"])
        .hints(&[
            (Way::Missing, "Do not strip anything: spaces and line ends belong to the sentence."),
            (Way::Different, "Make upper case of the small letters, and leave all else as it is."),
        ]),
        should(
            "other_letters",
            1,
            "Letters that are not ASCII survive, in small or in capitals.",
            other_letters,
        )
        .needs(&["answers"])
        .hints(BYTES_HINTS),
        should("empty_datagram", 1, "An empty datagram gets an empty answer.", |scene| {
            udp_servers::answers_size(scene, 0, upper)
        })
        .needs(&["goes_on"])
        .hints(&[
            (Way::Silent, "A datagram of 0 bytes is a datagram: answer it like any other."),
            (Way::Ended, "A datagram of 0 bytes is no end of a stream: UDP has none."),
        ]),
        should("one_byte", 1, "A datagram of 1 byte is answered.", |scene| {
            udp_servers::answers_size(scene, 1, upper)
        })
        .needs(&["goes_on"])
        .hints(SIZE_HINTS),
        should(
            "one_frame",
            1,
            "A datagram of 1,472 bytes, which fill an Ethernet frame, is answered whole.",
            |scene| udp_servers::answers_size(scene, udp_servers::ONE_FRAME, upper),
        )
        .needs(&["goes_on"])
        .hints(SIZE_HINTS),
        should(
            "largest_datagram",
            1,
            "A datagram of 65,507 bytes, the most there can be, is answered whole.",
            |scene| udp_servers::answers_size(scene, udp_servers::LARGEST, upper),
        )
        .needs(&["goes_on"])
        .hints(SIZE_HINTS),
        should("nul_bytes", 1, "Zero bytes come back as they were.", |scene| {
            udp_servers::answers_nul_bytes(scene, upper)
        })
        .needs(&["goes_on"])
        .hints(BYTES_HINTS),
        should("not_utf8", 1, "Bytes that are not UTF-8 come back as they were.", |scene| {
            udp_servers::answers_what_is_not_utf8(scene, upper)
        })
        .needs(&["goes_on"])
        .finds(&STRICT_DECODING)
        .hints(BYTES_HINTS),
        should("two_stay_two", 1, "Two datagrams sent at once get two answers.", |scene| {
            udp_servers::two_stay_two(scene, upper)
        })
        .needs(&["goes_on"])
        .hints(ONE_BY_ONE_HINTS),
        should(
            "stale_tail",
            1,
            "The answer to a short datagram has nothing of a longer one before it.",
            |scene| udp_servers::a_short_one_after_a_long_one(scene, upper),
        )
        .needs(&["goes_on"])
        .hints(ONE_BY_ONE_HINTS),
        must(
            "each_client_its_own",
            1,
            "Of several clients that ask at the same time each gets its own answer.",
            |scene| udp_servers::each_client_its_own(scene, upper),
        )
        .needs(&["goes_on"])
        .hints(ONE_BY_ONE_HINTS),
        should(
            "from_the_port_asked",
            1,
            "The answer comes from the address and the port that were asked.",
            |scene| udp_servers::answers_from_the_port_asked(scene, upper),
        )
        .needs(&["answers"])
        .hints(SOURCE_HINTS),
        should(
            "survives_a_client_that_is_gone",
            1,
            "A client that has gone before its answer comes does not end the server.",
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

/// The answer to a datagram: upper case means the ASCII letters.
fn upper(datagram: &[u8]) -> Vec<u8> {
    datagram.to_ascii_uppercase()
}

fn exchange(scene: &mut Scene, server: &Server) -> Outcome {
    udp_servers::exchange(scene, server, upper)
}

fn letters_only(scene: &mut Scene) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    let number = scene.number(1000, 10_000);
    let sentence = format!(" {} [{number}] {{Ok}}: `@~\t\r\n", scene.sentence());
    udp_servers::ask(&server, &client, sentence.as_bytes(), upper)
}

fn other_letters(scene: &mut Scene) -> Outcome {
    let server = scene.udp_server()?;
    let client = scene.udp_client()?;
    // Taken for Latin-1, a byte of "€" is a letter that has a capital.
    let sentence = format!("{} ñandú, ärger, čas, 5 €", scene.word(6));
    client.send(sentence.as_bytes(), server.address)?;
    let (came, _) = client.receive_from(&server.program)?;
    if came == sentence.to_uppercase().as_bytes() {
        return Ok(());
    }
    client.compare(&upper(sentence.as_bytes()), &came)
}
