//! `ntp_client_raw`: the 48 bytes by hand, shown as a table, and nothing believed unchecked.

use socket_labs::bytes::hex;
use socket_labs::ntp::Timestamp;

use super::lab3::bad::{
    chatty_stranger, no_time, nobody_there, not_synchronized, rejects, rejects_kiss,
    rejects_origin, rejects_short, rejects_source_address, rejects_source_port, silence,
    stratum_16, unknown_name, wrong_mode,
};
use super::lab3::hints::{
    DELAY, ERA, FRACTIONS, LATE, NO_ANSWER, OFFSET, REJECTED_BADLY, REQUEST, bad,
};
use super::lab3::printed::{
    after_2036, answered, answered_by, delay, fractions, late_answer, offset, server_by_name,
};
use super::lab3::{TimeServer, a_time, request, table, transmit_timestamp, version};
use crate::exam::clients::CHATTY_HINTS;
use crate::exam::mistakes::NO_TIMEOUT;
use crate::exam::{Exam, Outcome, Scene, Way, beyond, must, program::Program, should, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "ntp_client_raw",
    arguments: &["{host}", "--port", "{port}", "--timeout", "{timeout}"],
    port: 123,
    checks: &[
        must("request", 3, "It asks with 48 bytes: LI 0, version 4 (or 3), mode 3.", |scene| {
            request(scene, Some(0))
        })
        .hints(REQUEST),
        must(
            "offset",
            3,
            "It prints how far its clock is behind the server's, in seconds.",
            offset,
        )
        .needs(&["request"])
        .hints(OFFSET),
        must("late_answer", 1, "The offset is the mean of T2 - T1 and T3 - T4.", late_answer)
            .needs(&["offset"])
            .hints(LATE),
        must(
            "delay",
            2,
            "It prints the delay: T4 - T1 without the server's T3 - T2, in seconds.",
            delay,
        )
        .needs(&["offset"])
        .hints(DELAY),
        must(
            "shows_request",
            1,
            "It shows the bytes of the request, in hexadecimal.",
            shows_request,
        )
        .needs(&["request"])
        .hints(SHOWS),
        must(
            "shows_response",
            1,
            "It shows the bytes of the response, in hexadecimal.",
            shows_response,
        )
        .needs(&["offset"])
        .hints(SHOWS),
        must(
            "server_by_name",
            1,
            "It asks the address that the server's name has.",
            server_by_name,
        )
        .needs(&["offset"])
        .hints(&[(Way::Ended, "Look the name up: getaddrinfo(), or let sendto() do it.")]),
        should(
            "fractions",
            1,
            "Fractions of zero and of almost a second are read as such.",
            |scene| fractions(scene).map(drop),
        )
        .needs(&["offset"])
        .hints(FRACTIONS),
        should("after_2036", 1, "A server's time after 2036 is understood.", |scene| {
            after_2036(scene).map(drop)
        })
        .needs(&["offset"])
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
        .hints(&[(Way::WrongField, "Put a random number into the last eight bytes, or the time.")]),
        must("short_answer", 1, "An answer of 47 bytes is rejected.", rejects_short)
            .needs(&["offset"])
            .fragile_if(REJECTED_BADLY)
            .hints(bad!("Look at the length first: a header has 48 bytes.")),
        must("wrong_mode", 1, "An answer whose mode is not 4 is rejected.", |scene| {
            rejects(scene, "an answer whose mode is no server's", wrong_mode)
        })
        .needs(&["offset"])
        .fragile_if(REJECTED_BADLY)
        .hints(bad!("The mode is the lowest three bits of the first byte: a server's is 4.")),
        must(
            "wrong_origin",
            1,
            "An answer whose origin is not the request's transmit timestamp is rejected.",
            rejects_origin,
        )
        .needs(&["offset"])
        .fragile_if(REJECTED_BADLY)
        .hints(bad!("Compare all eight bytes of the origin with those that you sent.")),
        must(
            "kiss_code",
            1,
            "A kiss-o'-death, an answer of stratum 0, is rejected and its code shown.",
            |scene| rejects_kiss(scene, true),
        )
        .needs(&["offset"])
        .fragile_if(REJECTED_BADLY)
        .hints(bad!("Stratum 0 tells no time: its reference ID says why, in four letters.")),
        must("stratum_16", 1, "An answer of stratum 16 is rejected.", |scene| {
            rejects(scene, "an answer of stratum 16", stratum_16)
        })
        .needs(&["offset"])
        .fragile_if(REJECTED_BADLY)
        .hints(bad!("A stratum above 15 is that of a server that does not know the time.")),
        must("not_synchronized", 1, "An answer with leap indicator 3 is rejected.", |scene| {
            rejects(scene, "an answer with leap indicator 3", not_synchronized)
        })
        .needs(&["offset"])
        .fragile_if(REJECTED_BADLY)
        .hints(bad!(
            "The leap indicator is the highest two bits: 3 is a clock that does not know the time."
        )),
        beyond("no_time", "An answer whose transmit timestamp is zero is rejected.", |scene| {
            rejects(scene, "an answer whose transmit timestamp is zero", no_time)
        })
        .needs(&["offset"])
        .hints(bad!("A transmit timestamp of zero means that the server knows no time.")),
        must(
            "wrong_source_port",
            1,
            "An answer from another port than the server's is rejected.",
            rejects_source_port,
        )
        .needs(&["offset"])
        .fragile_if(REJECTED_BADLY)
        .hints(bad!("Compare the sender that recvfrom() tells with the server, port included.")),
        must(
            "wrong_source_address",
            1,
            "An answer from another address than the server's is rejected.",
            rejects_source_address,
        )
        .needs(&["offset"])
        .fragile_if(REJECTED_BADLY)
        .hints(bad!("Compare the sender that recvfrom() tells with the server, address included.")),
        should(
            "silence",
            1,
            "Without an answer it ends, with a sentence and exit code 1.",
            silence,
        )
        .needs(&["request"])
        .finds(&NO_TIMEOUT)
        .hints(NO_ANSWER),
        beyond(
            "chatty_stranger",
            "The wait is finite, too, where another port sends one answer after the other.",
            chatty_stranger,
        )
        .needs(&["wrong_source_port"])
        .hints(CHATTY_HINTS),
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

const SHOWS: &[(Way, &str)] = &[(
    Way::NotPrinted,
    "Print each field with its offset, its name, its bytes as two hexadecimal digits each, and what it means.",
)];

fn shows_request(scene: &mut Scene) -> Outcome {
    let server = TimeServer::open(scene)?;
    let time = a_time_unlike_a_request(scene);
    let answered = answered_by(scene, &server, 2, time)?;
    let sentence = "The program should show every byte of its request. The last eight, its transmit \
                    timestamp, are not there.";
    // It may have asked several times, and shows one of its requests.
    for (request, answer) in &answered.talks {
        let transmit = &request[40..48];
        // The response has it too, as its origin: where that is shown, it must be there twice.
        let is_origin = shown(&answered.program, &answer.emit()[32..40]) > 0;
        let is_shown = match transmit.iter().all(|byte| *byte == 0) {
            true => shows_first_byte(&answered.program, request[0]),
            false => shown(&answered.program, transmit) > usize::from(is_origin),
        };
        if is_shown {
            return Ok(());
        }
    }
    Err(wrong(Way::NotPrinted, sentence).with_fields(table(&answered.talks[0].0)))
}

/// A time without a byte, and of a day, that looks like the first byte of a request: see
/// [`shows_first_byte`].
fn a_time_unlike_a_request(scene: &mut Scene) -> Timestamp {
    loop {
        let time = a_time(scene);
        let day = time.to_string();
        // Version 2 to 4, and mode 3 (RFC 5905, section 7.3).
        let is_first = |byte: u8| byte & 7 == 3 && matches!(byte >> 3 & 7, 2..=4);
        let times = [time, time.plus(-16.0)];
        let mut bytes = times.iter().flat_map(|time| time.0.to_be_bytes());
        if !bytes.any(is_first) && !["-13 ", "-23 "].iter().any(|number| day.contains(number)) {
            return time;
        }
    }
}

/// Whether the first byte of a request is shown in hexadecimal: the one that is not zero in the
/// request of a textbook. A response has another one there.
fn shows_first_byte(program: &Program, first: u8) -> bool {
    let digits = format!("{first:02x}");
    let text = program.stdout().text().to_lowercase().replace("0x", "").replace("\\x", " ");
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".:-".contains(c);
    let as_word = text.split(|c| !is_part(c)).any(|word| word == digits);
    as_word || text.contains(&format!("{digits}000000"))
}

fn shows_response(scene: &mut Scene) -> Outcome {
    let time = a_time(scene);
    let answered = answered(scene, 2, time)?;
    let missing = |answer: &[u8]| {
        let fields = [("reference ID", 12..16), ("receive timestamp", 32..40)];
        fields.into_iter().find(|(_, field)| shown(&answered.program, &answer[field.clone()]) == 0)
    };
    let answers: Vec<Vec<u8>> = answered.answers().map(|answer| answer.emit().to_vec()).collect();
    let Some((what, field)) = missing(&answers[0]) else { return Ok(()) };
    if answers.iter().any(|answer| missing(answer).is_none()) {
        return Ok(());
    }
    let bytes = hex(&answers[0][field]);
    let sentence = format!("The program should show the response's {what}: {bytes}.");
    Err(wrong(Way::NotPrinted, sentence).with_fields(table(&answers[0])))
}

/// How often these bytes are shown in hexadecimal, whatever stands between two of them. A line may
/// have as few as four.
fn shown(program: &Program, bytes: &[u8]) -> usize {
    let text = program.stdout().text().to_lowercase().replace("0x", "");
    let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let often = |word: &[u8]| {
        let digits = hex(word).replace(' ', "");
        // Printed as a number, it has no zeros before it.
        text.matches(digits.trim_start_matches('0')).count()
    };
    bytes.chunks(4).map(often).min().unwrap_or(0)
}
