//! What to try, for each way in which a client commonly fails.

use crate::exam::Way;

/// What to try where a field of the request is wrong.
pub const REQUEST: &[(Way, &str)] = &[
    (Way::Silent, "Send the request with sendto() to the server's address and port, UDP."),
    (Way::Missing, "A request is 48 bytes: those that you do not use are zero."),
    (Way::Extra, "A request is 48 bytes and nothing more."),
    (Way::WrongField, "The first byte is LI 0, version 4, mode 3: 0x23; or 0x1b with version 3."),
];

/// What to try where the offset is wrong or missing.
pub const OFFSET: &[(Way, &str)] = &[
    (Way::NotPrinted, "Print ((T2 - T1) + (T3 - T4)) / 2, in seconds, with its fraction."),
    (Way::Different, "The offset is the server's time less ours, in seconds."),
];

/// What to try where only a quick answer gives the right offset.
pub const LATE: &[(Way, &str)] = &[
    (Way::NotPrinted, "The offset is the mean of T2 - T1 and T3 - T4: take T4 when it arrives."),
    (Way::ExitCode, "Wait for the answer for some seconds before you give up."),
];

/// What to try where the delay is wrong or missing.
pub const DELAY: &[(Way, &str)] = &[(
    Way::NotPrinted,
    "Print (T4 - T1) - (T3 - T2), in seconds: the server's own time is no part of it.",
)];

/// What to try where the fraction is misread.
pub const FRACTIONS: &[(Way, &str)] = &[(
    Way::NotPrinted,
    "The fraction is an unsigned 32-bit number: divide it by 2^32, and add it to the seconds.",
)];

/// What to try where the era is not thought of.
pub const ERA: &[(Way, &str)] = &[(
    Way::NotPrinted,
    "NTP's 32-bit seconds start at 0 again in 2036: below 2^31, add 2^32 before you convert them.",
)];

/// What to try where nobody answers.
pub const NO_ANSWER: &[(Way, &str)] = &[
    (Way::StillRuns, "Set a timeout on the socket: a lost datagram never comes."),
    (Way::Traceback, "Catch the error of recvfrom(), and print one sentence."),
    (Way::ExitCode, "Without an answer, end with exit code 1."),
];

/// What to try where a bad answer is not handled well; of the field there is one more sentence.
macro_rules! bad {
    ($accepted:literal) => {
        &[
            (Way::Accepted, $accepted),
            (
                Way::Traceback,
                "Check the answer before you use it, and print one sentence of why not.",
            ),
            (Way::ExitCode, "After an answer that you reject, end with exit code 1, or wait on."),
            (
                Way::StillRuns,
                "Wait for a good answer only so long: count the time from the request.",
            ),
            (Way::NotPrinted, "Print the four letters of the reference ID: they say why."),
            (
                Way::WrongField,
                "Send a transmit timestamp that is not zero, and compare it with the origin.",
            ),
        ]
    };
}
pub(in crate::steps) use bad;

/// The ways of handling a bad answer that reject it and are not quite right all the same.
pub const REJECTED_BADLY: &[Way] =
    &[Way::Traceback, Way::ExitCode, Way::StillRuns, Way::NoMessage, Way::WrongField];
