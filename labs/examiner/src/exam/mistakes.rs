//! Classic mistakes: what everybody gets wrong once, and how much of the step is left with it.
//!
//! The points of single checks can't say this. A server that talks to one client at a time passes most
//! of the checks of a step whose whole point is to talk to many.

use super::{Check, Report, Verdict, Way};

/// A classic mistake, as a check finds it.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What the program does, as a report says it.
    pub name: &'static str,
    /// The most of the step's points that a program has with it, in percent.
    pub at_most: u32,
    /// The ways of failing that show it: the same check also finds smaller faults.
    pub ways: &'static [Way],
}

/// Where many clients are to be served at once: the next one waits until the first one has gone.
pub const ONE_AT_A_TIME: Mistake =
    Mistake { name: "one client at a time", at_most: 40, ways: &[Way::Waits] };

/// What one `recv()` brings is a piece of a stream, and not a message.
pub const ONE_RECV: Mistake = Mistake {
    name: "one recv() taken for a message",
    at_most: 60,
    ways: &[
        Way::Closed,
        Way::Early,
        Way::ExitCode,
        Way::Missing,
        Way::NotPrinted,
        Way::Reset,
        Way::Traceback,
    ],
};

/// Bytes from the network need not be text: with strict decoding they end the program, or its talk.
pub const STRICT_DECODING: Mistake = Mistake {
    name: "strict decoding",
    at_most: 80,
    ways: &[
        Way::Closed,
        Way::Ended,
        Way::ExitCode,
        Way::NotPrinted,
        Way::Reset,
        Way::Silent,
        Way::Traceback,
    ],
};

/// A client waits without end for a server that says nothing.
pub const NO_TIMEOUT: Mistake =
    Mistake { name: "no timeout", at_most: 80, ways: &[Way::Silent, Way::StillRuns] };

impl Check {
    /// The classic mistake that this report of it shows.
    pub fn mistake(&self, report: &Report) -> Option<&'static Mistake> {
        let is_bad = matches!(report.verdict, Verdict::Fail | Verdict::Fragile);
        let shows = |mistake: &&Mistake| report.way.is_some_and(|way| mistake.ways.contains(&way));
        self.mistake.filter(|_| is_bad).filter(shows)
    }
}

/// A classic mistake, and the name of the check that found it.
pub type Found = (&'static str, &'static Mistake);

/// Of the checks of one step and what came of them: the mistake that leaves the least.
pub fn worst<'a>(reports: impl IntoIterator<Item = (&'static Check, &'a Report)>) -> Option<Found> {
    let found = reports.into_iter().filter_map(|(check, report)| {
        let mistake = check.mistake(report)?;
        Some((check.name, mistake))
    });
    found.min_by_key(|(_, mistake)| mistake.at_most)
}
