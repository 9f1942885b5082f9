//! Right reasons: what is said of a wrong program is what is wrong with it. Each program lies in
//! `tests/reasons`; its report says all of the words, in the sentence or in the advice.

use examiner::exam::{Report, Verdict, Way, examine_one};
use examiner::steps::exam;
use libtest_mimic::{Failed, Trial};

use crate::{command, folder, python, seed};

/// A program, its arguments, a check of its step, the verdict, the kind of fault, and words.
type Case = (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
    Verdict,
    Way,
    &'static [&'static str],
);

const CASES: &[Case] = &[
    (
        "server_05_joins_at_once",
        &[],
        "server_05_threads",
        "second_client_is_not_kept_waiting",
        Verdict::Fail,
        Way::Waits,
        &["It has started a thread", "waits for that to end", "do not wait for it"],
    ),
    (
        "server_05_thread_dies_on_bytes",
        &[],
        "server_05_threads",
        "every_byte_value",
        Verdict::Fragile,
        Way::Silent,
        &[
            "A thread of the program has died: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff",
            "Handle the error that it names",
        ],
    ),
    (
        "server_05_own_welcome_strips",
        &[],
        "server_05_threads",
        "answers",
        Verdict::Fail,
        Way::Missing,
        &["The end of the answer is missing"],
    ),
    (
        "server_05_one_at_a_time",
        &[],
        "server_05_threads",
        "many_at_once",
        Verdict::Fail,
        Way::Waits,
        &["was not made in time", "the queue that accept() empties"],
    ),
    (
        "echo_server_ends_by_sigpipe",
        &[],
        "echo_server",
        "survives_a_reset",
        Verdict::Fragile,
        Way::Ended,
        &[
            "The program ended after a client that reset its connection: signal 13 (SIGPIPE)",
            "MSG_NOSIGNAL",
        ],
    ),
    (
        "echo_server_long_error",
        &[],
        "echo_server",
        "echoes",
        Verdict::Fail,
        Way::Closed,
        &["The program has died: RuntimeError: nobody has thought", "word29 and then THE END"],
    ),
    (
        "echo_client_wrong_port",
        &[],
        "echo_client",
        "connects",
        Verdict::Fail,
        Way::Ended,
        &["(it tried 127.0.0.1:65433)", "It says: no: [Errno 111]"],
    ),
    (
        "echo_client_ipv6_only",
        &[],
        "echo_client",
        "connects",
        Verdict::Fail,
        Way::Ended,
        &["(it tried [::1]:65432)"],
    ),
    (
        "udp_echo_server_sends_its_buffer",
        &[],
        "udp_echo_server",
        "echoes",
        Verdict::Fail,
        Way::Silent,
        &["It says: sendto: [Errno 90] Message too long"],
    ),
    (
        "ntp_client_raw_little_endian",
        &["{host}", "{port}", "{timeout}"],
        "ntp_client_raw",
        "offset",
        Verdict::Fail,
        Way::ExitCode,
        &[
            "exit code 1",
            "It says: ntp_client_raw: error: the answer of the server",
            "its clock is at",
        ],
    ),
    (
        "mandela_receiver_sleeps",
        &["{host}", "{port}", "{peer}", "{interval}"],
        "mandela",
        "receives_between_two_sends",
        Verdict::Fail,
        Way::Waits,
        &["the thread that receives does something else than to wait for the next one"],
    ),
];

/// One test for each program.
pub fn trials() -> Vec<Trial> {
    let trial =
        |case: &'static Case| Trial::test(format!("reasons::{}", case.0), || has_its_reason(case));
    CASES.iter().map(trial).collect()
}

fn has_its_reason(case: &Case) -> Result<(), Failed> {
    let (name, arguments, step, check, verdict, way, words) = case;
    let exam = exam(step).ok_or("no such step")?;
    let check = exam.check(check).ok_or("no such check")?;
    let file = folder("reasons").join(format!("{name}.py")).display().to_string();
    let submission = command(&[python()?.to_string(), file], arguments);
    let report = examine_one(exam, check, &submission, seed());
    if !report.private && cfg!(not(target_os = "linux")) {
        return Ok(());
    }
    let Report { verdict: found, way: found_way, sentence, story, .. } = &report;
    let advice = story.rsplit_once("\ntry: ").map_or("", |(_, advice)| advice);
    let advice = advice.split_whitespace().collect::<Vec<_>>().join(" ");
    let missing: Vec<_> = words
        .iter()
        .filter(|words| !sentence.contains(**words) && !advice.contains(**words))
        .collect();
    if (found, *found_way) == (verdict, Some(*way)) && missing.is_empty() && !story.contains("| …")
    {
        return Ok(());
    }
    Err(format!("SEED={}: {found} {found_way:?}, without {missing:?}\n{sentence}\n{story}", seed())
        .into())
}
