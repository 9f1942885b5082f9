//! `ntp_client`: the server's time, the offset, the delay, the stratum and the server's address.

use super::lab3::bad::{
    nobody_there, not_synchronized, rejects, rejects_kiss, rejects_origin, rejects_short,
    rejects_source_address, rejects_source_port, silence, stratum_16, unknown_name, wrong_mode,
};
use super::lab3::hints::{DELAY, ERA, FRACTIONS, LATE, NO_ANSWER, OFFSET, REQUEST, bad};
use super::lab3::printed::{
    after_2036, answered, answered_by, delay, fractions, late_answer, numbers, offset,
    server_by_name,
};
use super::lab3::{TimeServer, a_time, request, transmit_timestamp, version};
use crate::exam::mistakes::NO_TIMEOUT;
use crate::exam::{Exam, Outcome, Scene, Way, must, should, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "ntp_client",
    arguments: &["{host}", "--port", "{port}", "--timeout", "{timeout}"],
    port: 123,
    checks: &[
        must("request", 3, "It asks with 48 bytes: mode 3, version 3 or 4.", |scene| {
            request(scene, None)
        })
        .hints(REQUEST),
        must("time", 3, "It prints the server's time: year, day, hours, minutes, seconds.", time)
            .needs(&["request"])
            .hints(TIME),
        must(
            "offset",
            2,
            "It prints how far its clock is behind the server's, in seconds.",
            offset,
        )
        .needs(&["request"])
        .hints(OFFSET),
        must("delay", 1, "It prints the round-trip delay, in seconds.", delay)
            .needs(&["offset"])
            .hints(DELAY),
        must("stratum", 1, "It prints the server's stratum.", stratum)
            .needs(&["request"])
            .hints(&[(Way::NotPrinted, "The stratum is the second byte of the answer.")]),
        must("server_address", 1, "It prints the address of the server.", server_address)
            .needs(&["request"])
            .hints(&[(Way::NotPrinted, "recvfrom() tells the address that the answer came from.")]),
        must(
            "server_by_name",
            1,
            "It asks the address that the server's name has.",
            server_by_name,
        )
        .needs(&["offset"])
        .hints(&[(Way::Ended, "Look the name up: getaddrinfo(), or let sendto() do it.")]),
        should(
            "late_answer",
            1,
            "After an answer that took a while the offset is right too.",
            late_answer,
        )
        .needs(&["offset"])
        .hints(LATE),
        should(
            "fractions",
            1,
            "Fractions of zero and of almost a second are read as such.",
            |scene| fractions(scene)?.iter().try_for_each(|answered| answered.prints_time()),
        )
        .needs(&["time", "offset"])
        .hints(FRACTIONS),
        should("after_2036", 1, "A server's time after 2036 is understood.", |scene| {
            after_2036(scene)?.prints_time()
        })
        .needs(&["time", "offset"])
        .hints(ERA),
        should("version", 1, "The version of its request is 3 or 4.", version)
            .needs(&["request"])
            .hints(&[(
                Way::WrongField,
                "The three bits behind the first two are the version: 4, or 3 as in the textbook.",
            )]),
        should(
            "transmit_timestamp",
            1,
            "Each request has a transmit timestamp of its own, not zero.",
            transmit_timestamp,
        )
        .needs(&["request"])
        .hints(&[(
            Way::WrongField,
            "Put the time, or a random number, into the last eight bytes.",
        )]),
        should("short_answer", 1, "An answer of 47 bytes is rejected.", rejects_short)
            .needs(&["offset"])
            .hints(bad!("Look at the length first: a header has 48 bytes.")),
        should("wrong_mode", 1, "An answer whose mode is not 4 is rejected.", |scene| {
            rejects(scene, "an answer whose mode is no server's", wrong_mode)
        })
        .needs(&["offset"])
        .hints(bad!("The mode is the lowest three bits of the first byte: a server's is 4.")),
        should(
            "wrong_origin",
            1,
            "An answer whose origin is not the request's transmit timestamp is rejected.",
            rejects_origin,
        )
        .needs(&["offset"])
        .hints(bad!("Compare all eight bytes of the origin with those that you sent.")),
        should("kiss_code", 1, "A kiss-o'-death, an answer of stratum 0, is rejected.", |scene| {
            rejects_kiss(scene, false)
        })
        .needs(&["offset"])
        .hints(bad!("Stratum 0 tells no time: its reference ID says why.")),
        should("stratum_16", 1, "An answer of stratum 16 is rejected.", |scene| {
            rejects(scene, "an answer of stratum 16", stratum_16)
        })
        .needs(&["offset"])
        .hints(bad!("A stratum above 15 is that of a server that does not know the time.")),
        should("not_synchronized", 1, "An answer with leap indicator 3 is rejected.", |scene| {
            rejects(scene, "an answer with leap indicator 3", not_synchronized)
        })
        .needs(&["offset"])
        .hints(bad!(
            "The leap indicator is the highest two bits: 3 is a clock that does not know the time."
        )),
        should(
            "wrong_source_port",
            1,
            "An answer from another port than the server's is rejected.",
            rejects_source_port,
        )
        .needs(&["offset"])
        .hints(bad!(
            "Compare the sender that recvfrom() tells with the server, or connect() the socket."
        )),
        should(
            "wrong_source_address",
            1,
            "An answer from another address than the server's is rejected.",
            rejects_source_address,
        )
        .needs(&["offset"])
        .hints(bad!(
            "Compare the sender that recvfrom() tells with the server, or connect() the socket."
        )),
        should(
            "silence",
            1,
            "Without an answer it ends, with a sentence and exit code 1.",
            silence,
        )
        .needs(&["request"])
        .finds(&NO_TIMEOUT)
        .hints(NO_ANSWER),
        should(
            "nobody_there",
            1,
            "Where no server is it ends, with a sentence and exit code 1.",
            nobody_there,
        )
        .needs(&["request"])
        .hints(NO_ANSWER),
        should(
            "unknown_name",
            1,
            "Where the server's name is unknown it ends, with a sentence and exit code 1.",
            unknown_name,
        )
        .needs(&["request"])
        .hints(&[(Way::Traceback, "Catch the error of the lookup, and print one sentence.")]),
    ],
};

const TIME: &[(Way, &str)] = &[(
    Way::NotPrinted,
    "The seconds of NTP count from 1900: take 2,208,988,800 off, then ctime() understands them.",
)];

fn time(scene: &mut Scene) -> Outcome {
    let time = a_time(scene);
    answered(scene, 2, time)?.prints_time()
}

fn stratum(scene: &mut Scene) -> Outcome {
    let time = a_time(scene);
    let stratum = 6 + scene.number(0, 9) as u8;
    // The day of the month must not pass for it.
    let stratum = if time.to_string().contains(&format!("-{stratum:02} ")) { 15 } else { stratum };
    let program = answered(scene, stratum, time)?.program;
    if numbers(&program.stdout().text()).contains(&f64::from(stratum)) {
        return Ok(());
    }
    let sentence = format!("The server's stratum is {stratum}, and the program did not print it.");
    Err(wrong(Way::NotPrinted, sentence))
}

fn server_address(scene: &mut Scene) -> Outcome {
    let server = TimeServer::open(scene)?;
    let time = a_time(scene);
    let program = answered_by(scene, &server, 2, time)?.program;
    program.prints("the server's address", &[&server.ip().to_string()])
}
