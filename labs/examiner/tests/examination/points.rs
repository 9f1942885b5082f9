//! What points say: classic mistakes have the grade that an instructor would give them by hand, with a
//! course file that weighs nothing.

use std::ops::RangeInclusive;

use examiner::exam::{Report, Verdict, examine};
use examiner::grade::score::Course;
use examiner::steps;
use libtest_mimic::{Failed, Trial};

use crate::{folder, mutants, right, seed};

type Percent = RangeInclusive<u32>;

// What a mistake leaves at most is the course's word. What it leaves at least is here too: one fault
// costs once.
const ONE_AT_A_TIME: Percent = 30..=40;
const ONE_RECV: Percent = 40..=60;
const STRICT_DECODING: Percent = 60..=80;
const NO_TIMEOUT: Percent = 60..=80;
const NO_REUSE: Percent = 90..=99;

/// A step; a fault of its wrong programs, or a file of `tests/reasons`; and the range of its grade.
type Case = (&'static str, &'static str, Percent);

const CLASSICS: &[Case] = &[
    ("server_05_threads", "one_at_a_time", ONE_AT_A_TIME),
    ("server_05_threads", "server_05_joins_at_once.py", ONE_AT_A_TIME),
    ("echo_server", "one_after_the_other", ONE_AT_A_TIME),
    ("http_server", "one_at_a_time", ONE_AT_A_TIME),
    ("server_05_threads", "answers_once", ONE_RECV),
    ("echo_server", "one_recv", ONE_RECV),
    ("echo_client", "short_piece_is_the_end", ONE_RECV),
    ("tcp_client", "one_recv", ONE_RECV),
    ("http_05_receive", "one_recv", ONE_RECV),
    ("http_get", "one_recv_without_a_length", ONE_RECV),
    ("http_get", "head_in_one_recv", ONE_RECV),
    ("http_server", "answers_at_once", ONE_RECV),
    ("udp_server", "decodes", STRICT_DECODING),
    ("udp_client", "decodes", STRICT_DECODING),
    ("udp_receipt_server", "decodes", STRICT_DECODING),
    ("udp_echo_server", "decodes", STRICT_DECODING),
    ("udp_echo_client", "decodes", STRICT_DECODING),
    ("tcp_server", "decodes", STRICT_DECODING),
    ("tcp_client", "decodes", STRICT_DECODING),
    ("server_03_reply", "decodes", STRICT_DECODING),
    ("server_04_loop", "decodes", STRICT_DECODING),
    ("server_05_threads", "decodes", STRICT_DECODING),
    ("server_05_threads", "server_05_thread_dies_on_bytes.py", STRICT_DECODING),
    ("echo_server", "decodes", STRICT_DECODING),
    ("echo_client", "decodes_each_piece", STRICT_DECODING),
    ("echo_client", "decodes_the_stream", STRICT_DECODING),
    ("http_05_receive", "decodes", STRICT_DECODING),
    ("http_get", "decodes", STRICT_DECODING),
    ("mandela", "decodes_without_care", STRICT_DECODING),
    ("udp_client", "waits_for_ever", NO_TIMEOUT),
    ("udp_echo_client", "waits_for_ever", NO_TIMEOUT),
    ("tcp_client", "waits_for_ever", NO_TIMEOUT),
    ("echo_client", "waits_for_ever", NO_TIMEOUT),
    ("ntp_client", "waits_for_ever", NO_TIMEOUT),
    ("ntp_client_raw", "waits_for_ever", NO_TIMEOUT),
    ("http_03_connect", "waits_for_ever", NO_TIMEOUT),
    ("http_05_receive", "waits_for_ever", NO_TIMEOUT),
    ("http_get", "waits_for_ever", NO_TIMEOUT),
    ("netcat", "no_timeout", NO_TIMEOUT),
    ("server_03_reply", "without_reuse", NO_REUSE),
    ("server_04_loop", "without_reuse", NO_REUSE),
    ("server_05_threads", "without_reuse", NO_REUSE),
    ("echo_server", "no_reuse", NO_REUSE),
];

/// One test for each mistake of each step that has it.
pub fn trials() -> Vec<Trial> {
    let trial = |case: &'static Case| {
        let (step, program, range) = case;
        Trial::test(format!("points::{step}::{program}"), move || is_graded(step, program, range))
    };
    CLASSICS.iter().map(trial).collect()
}

fn is_graded(step: &str, program: &str, range: &Percent) -> Result<(), Failed> {
    let exam = steps::exam(step).ok_or_else(|| format!("{step} is no step"))?;
    let file = folder("reasons").join(program);
    let submission = match file.is_file() {
        true => right::submission(step, &file)?,
        false => mutants::program(exam, program)?,
    };
    let reports = examine(exam, &submission, seed(), |_| ());
    let points = Course::default().points_of(exam, &reports);
    let share = points.share().ok_or("nothing was examined")?;
    let percent = (1e5 * share).round() / 1e3; // 40 % of 37 points is 40.000000000000004 %
    if (f64::from(*range.start())..=f64::from(*range.end())).contains(&percent) {
        return Ok(());
    }
    let is_bad = |report: &&Report| !matches!(report.verdict, Verdict::Pass | Verdict::Beyond);
    let tell = |report: &Report| format!("{}: {} {:?}\n", report.check, report.verdict, report.way);
    let lost: String = reports.iter().filter(is_bad).map(tell).collect();
    Err(format!("{percent:.1} %, not {range:?} (SEED={})\n{lost}", seed()).into())
}
