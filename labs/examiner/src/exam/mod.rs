//! The examiner: the peer of a student's program on the wire.
//!
//! A program is a process in any language. Each [`Check`] starts it anew, on a private network where
//! the system allows one, talks to it, and gives a verdict. What the check saw is kept in a
//! [`transcript::Transcript`], so that every failure can tell its story.

pub mod budget;
pub mod calls;
pub mod clients;
pub mod death;
pub mod examine;
pub mod here;
pub mod hexview;
pub mod mistakes;
mod names;
mod nobodys;
pub mod output;
pub mod ports;
pub mod private;
pub mod processes;
pub mod program;
pub mod refusal;
pub mod scene;
pub mod search;
pub mod servers;
pub mod story;
pub mod submission;
pub mod tcp;
pub mod terminal;
pub mod transcript;
mod turn;
pub mod udp;
pub mod udp_servers;
pub mod wait;
pub mod worker;

use std::fmt;
use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use socket_labs::bytes::{printable, printable_lines};

use mistakes::Mistake;

pub use death::Death;
pub use examine::{examine, examine_one, examine_twice, steadily, stop_all, wait_if_stopped};
pub use scene::Scene;
pub use submission::Submission;

/// How long the examiner waits for a program to do something. It is long because a loaded machine
/// is slow, and it is waited out only when the program never does it. Windows takes longer to start a
/// program and to tell of its sockets.
pub const PATIENCE: Duration = Duration::from_secs(if cfg!(windows) { 10 } else { 5 });

/// All that is examined of one step.
pub struct Exam {
    /// The step, by the name of its program.
    pub step: &'static str,
    /// What is behind the program's name when the program is an answer of the course's own shape.
    /// `{port}`, `{host}` and the other words in braces are put in by the examiner.
    pub arguments: &'static [&'static str],
    /// The port that the lab gives the step: what a program uses that is not told one.
    pub port: u16,
    /// What is examined, in an order in which each check stands behind those it needs.
    pub checks: &'static [Check],
}

impl Exam {
    /// The check of this name.
    pub fn check(&self, name: &str) -> Option<&'static Check> {
        self.checks.iter().find(|check| check.name == name)
    }
}

/// One thing that is examined.
pub struct Check {
    /// Its name within the step. Names are stable: grades are kept by them.
    pub name: &'static str,
    /// What is expected, in one sentence.
    pub expects: &'static str,
    /// What a pass is worth; a fragile one is worth half of it. What is beyond the step is worth
    /// nothing.
    pub points: u32,
    /// The checks of the same step without which this one would say nothing.
    pub needs: &'static [&'static str],
    /// The verdict when it does not hold.
    pub otherwise: Verdict,
    /// The ways in which it fails that are only fragile, whatever `otherwise` says.
    pub fragile: &'static [Way],
    /// One sentence of what to try, for each way in which it commonly fails.
    pub hints: &'static [(Way, &'static str)],
    /// The classic mistake that it finds.
    pub mistake: Option<&'static Mistake>,
    /// Talks to the program.
    pub run: fn(&mut Scene) -> Outcome,
}

/// A check of what the step's own row of the course says: a program without it fails.
pub const fn must(
    name: &'static str,
    points: u32,
    expects: &'static str,
    run: fn(&mut Scene) -> Outcome,
) -> Check {
    let (needs, fragile, hints): (&[&str], &[Way], &[(Way, &str)]) = (&[], &[], &[]);
    let otherwise = Verdict::Fail;
    Check { name, expects, points, needs, otherwise, fragile, hints, mistake: None, run }
}

/// A check of what real networks and people do: a program without it is fragile.
pub const fn should(
    name: &'static str,
    points: u32,
    expects: &'static str,
    run: fn(&mut Scene) -> Outcome,
) -> Check {
    Check { otherwise: Verdict::Fragile, ..must(name, points, expects, run) }
}

/// A check of what a careful engineer adds and no textbook asks: a program without it is told so, as
/// advice, and loses nothing. It has no points.
pub const fn beyond(
    name: &'static str,
    expects: &'static str,
    run: fn(&mut Scene) -> Outcome,
) -> Check {
    Check { otherwise: Verdict::Beyond, ..must(name, 0, expects, run) }
}

impl Check {
    /// Names the checks that this one needs to have passed.
    pub const fn needs(self, needs: &'static [&'static str]) -> Check {
        Check { needs, ..self }
    }

    /// Names the ways of failing that leave the program fragile only.
    pub const fn fragile_if(self, fragile: &'static [Way]) -> Check {
        Check { fragile, ..self }
    }

    /// Names the classic mistake that it finds.
    pub const fn finds(self, mistake: &'static Mistake) -> Check {
        Check { mistake: Some(mistake), ..self }
    }

    /// Says what to try, for each way in which it commonly fails.
    pub const fn hints(self, hints: &'static [(Way, &'static str)]) -> Check {
        Check { hints, ..self }
    }

    /// The sentence of what to try: the check's own, or what helps with any program.
    pub fn hint(&self, way: Way) -> &'static str {
        self.own_hint(way).unwrap_or_else(|| way.hint())
    }

    /// The check's own sentence of what to try.
    pub fn own_hint(&self, way: Way) -> Option<&'static str> {
        self.hints.iter().find(|(of, _)| *of == way).map(|(_, hint)| *hint)
    }

    /// Whether it asks for more than the step does: what comes of it is advice.
    pub fn is_beyond(&self) -> bool {
        self.otherwise == Verdict::Beyond
    }

    /// The verdict when it fails in this way.
    pub fn verdict(&self, way: Way) -> Verdict {
        // What the program was not asked, it has not done: not even half of it.
        if way == Way::NotTold && !self.is_beyond() {
            return Verdict::Fail;
        }
        if self.fragile.contains(&way) { Verdict::Fragile } else { self.otherwise }
    }
}

/// What the examiner says of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not hold, and the step does not ask for it: advice, which costs nothing.
    Beyond,
    /// The ordinary case works, and what real networks and people do breaks it: half the points.
    Fragile,
    /// It does not hold.
    Fail,
    /// Not examined: a check that it needs did not pass, or this machine cannot examine it.
    Skipped,
    /// The examiner's own trouble. It is never the student's loss, nor a gain.
    Error,
}

impl Verdict {
    /// Whether a check that needs this one says something: what it is about is there.
    pub fn is_enough(self) -> bool {
        matches!(self, Verdict::Pass | Verdict::Beyond | Verdict::Fragile)
    }

    /// Whether it says that the program does what its step asks for, and bears what ordinary networks
    /// and people do.
    pub fn is_good(self) -> bool {
        matches!(self, Verdict::Pass | Verdict::Beyond)
    }

    /// The word that a report shows.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Beyond => "beyond the step",
            Verdict::Fragile => "fragile",
            Verdict::Fail => "fail",
            Verdict::Skipped => "skipped",
            Verdict::Error => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

macro_rules! ways {
    ($($(#[$doc:meta])* $way:ident $hint:literal)*) => {
        /// The ways in which programs fail checks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Way { $($(#[$doc])* $way),* }

        impl Way {
            /// Every way, in the order of their declaration.
            pub const ALL: &[Way] = &[$(Way::$way),*];

            /// The name that reports and tests use.
            pub fn name(self) -> &'static str {
                match self { $(Way::$way => stringify!($way)),* }
            }

            /// What to try with any program that fails in this way.
            fn hint(self) -> &'static str {
                match self { $(Way::$way => $hint),* }
            }
        }
    };
}

ways! {
    /// The program cannot be started at all.
    NotStarted "Run the command yourself: does it start?"
    /// It never opened the socket that it should have.
    NotReady "Create the socket, bind() it to the port of the lab, and (TCP) listen()."
    /// It opened its socket on another port or address.
    WrongAddress "Look at the address and the port that you give to bind() or connect()."
    /// It ended, and should not have.
    Ended "Look at what the program printed before it ended."
    /// It goes on, and should have ended.
    StillRuns "The program should be done by now: what does it wait for?"
    /// It ended with another exit code than it should.
    ExitCode "End with exit code 0 when all went well, and with 1 after an error."
    /// It failed without a word.
    NoMessage "When a call fails, print one sentence: what was tried, and the system's answer."
    /// It showed a traceback or a panic in place of a sentence.
    Traceback "Handle the error of this call, and print one sentence in place of a traceback."
    /// A connection was refused.
    Refused "Nothing listens there: does the program still run, and does it still accept()?"
    /// Nothing came in time.
    Silent "The examiner waited and nothing came: which call does the program wait in?"
    /// The stream ended too early.
    Closed "The program closed the connection before it was done."
    /// The connection was reset.
    Reset "Read what the client has sent before you close: closing with unread data resets."
    /// The stream should have ended and did not.
    NotClosed "Close the connection when you are done with it."
    /// Other bytes came than should have.
    Different "Compare the bytes at the first difference."
    /// Too few bytes came.
    Missing "TCP is a byte stream: receive again until you have all, and send until all is sent."
    /// More came than should have.
    Extra "Send what the step asks for, and nothing else."
    /// Something came before it should.
    Early "Wait for what the step waits for, and answer then."
    /// It came from another address or port than the one asked.
    WrongSource "Answer from the socket that received the request."
    /// What should be printed was not.
    NotPrinted "Print what the step asks for; the words around it are yours."
    /// What must not be printed was.
    Printed "Check what arrived before you show it as good."
    /// It uses the CPU while it has nothing to do.
    Busy "Let a blocking call wait in place of asking again and again."
    /// Open files, threads or processes grow with each client.
    Leaks "Close the socket of every client when you are done with it."
    /// One client keeps another waiting.
    Waits "Serve each client on its own: a thread, a process, or an event loop."
    /// A step of the program's work is missing.
    NotDone "A call of this step is missing: read the sheet's list of calls again."
    /// It does what only a later stage does.
    TooMuch "This stage stops earlier: leave the rest for the stage where it belongs."
    /// A field of a packet has a wrong value.
    WrongField "Look at the offset, the size and the byte order of this field."
    /// It took what it should have rejected.
    Accepted "Check every field that the sheet names before you believe an answer."
    /// The command has no place for a word that the step's program takes.
    NotTold "Write the word in braces into your command, where the program takes it."
    /// It asks for more at a time than the step allows.
    Greedy "Give recv() the number of bytes that the step allows: it brings at most so many."
    /// It takes more from the socket than it uses at a time; the rest waits in a buffer of its own.
    ReadsAhead "A buffered reader takes all that has come: call recv(16) on the socket itself."
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Finding {
    /// What happened, in a sentence, and how the program died, where that explains it.
    pub fn explained(&self) -> String {
        let death = self.death.as_ref();
        death
            .map_or_else(|| self.sentence.clone(), |death| death.explains(self.way, &self.sentence))
    }
}

/// What a check ends with.
pub type Outcome<T = ()> = Result<T, Trouble>;

/// Why a check did not pass.
#[derive(Debug)]
pub enum Trouble {
    /// The program is wrong.
    Wrong(Box<Finding>),
    /// The examiner has trouble of its own.
    Examiner(String),
    /// This machine cannot examine it, for this reason.
    NotHere(String),
}

/// What a check found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of fault.
    pub way: Way,
    /// What happened, in one sentence.
    pub sentence: String,
    /// The bytes that were expected, and those that came.
    pub bytes: Option<(Vec<u8>, Vec<u8>)>,
    /// A packet, field by field.
    pub fields: Option<String>,
    /// How the program had died by then, and what it had said.
    pub death: Option<Death>,
}

/// A finding, from its kind and one sentence of what happened.
pub fn wrong(way: Way, sentence: impl Into<String>) -> Trouble {
    let (bytes, fields, death) = (None, None, death::of_the_program(way));
    Trouble::Wrong(Box::new(Finding { way, sentence: sentence.into(), bytes, fields, death }))
}

/// What a check of something says that this command cannot ask the program for: it has no points.
pub fn not_told(word: &str) -> Trouble {
    let sentence =
        format!("The command takes no {{{word}}}, so that the program cannot be asked for this.");
    wrong(Way::NotTold, sentence)
}

impl Trouble {
    /// Adds the bytes that were expected and those that came.
    pub fn with_bytes(mut self, expected: &[u8], actual: &[u8]) -> Trouble {
        if let Trouble::Wrong(finding) = &mut self {
            finding.bytes = Some((expected.to_vec(), actual.to_vec()));
        }
        self
    }

    /// Adds a packet, drawn field by field (`socket_labs::bytes::annotated`).
    pub fn with_fields(mut self, fields: impl Into<String>) -> Trouble {
        if let Trouble::Wrong(finding) = &mut self {
            finding.fields = Some(fields.into());
        }
        self
    }

    /// The same finding as another kind of fault, with another sentence. What is not a finding
    /// stays as it is.
    pub fn or_rather(mut self, from: Way, to: Way, sentence: impl Into<String>) -> Trouble {
        if let Trouble::Wrong(finding) = &mut self
            && finding.way == from
        {
            finding.way = to;
            finding.sentence = sentence.into();
        }
        self
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Examiner(format!("the examiner could not go on: {error}"))
    }
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The step that was examined.
    pub step: String,
    /// The check's name within the step.
    pub check: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The kind of fault, where there is one.
    pub way: Option<Way>,
    /// What happened, in one sentence; empty after a pass.
    pub sentence: String,
    /// The story of a failure, ready to print, without colours; empty after a pass.
    pub story: String,
    /// How long the check took, in milliseconds.
    pub milliseconds: u64,
    /// Whether it was examined on a private machine.
    pub private: bool,
    /// What another run of the same check came to, where it was worse: `fail Silent: …`.
    #[serde(default)]
    pub unstable: Option<String>,
}

impl Report {
    /// A report without a story.
    pub fn new(step: &str, check: &str, verdict: Verdict, sentence: impl Into<String>) -> Report {
        Report {
            step: step.into(),
            check: check.into(),
            verdict,
            way: None,
            sentence: sentence.into(),
            story: String::new(),
            milliseconds: 0,
            private: false,
            unstable: None,
        }
    }

    /// The same report, to be shown to anybody: words of a stranger in it are escaped, and bounded.
    pub fn shown(self) -> Report {
        Report {
            step: shown_line(&self.step),
            check: shown_line(&self.check),
            sentence: shown_line(&self.sentence),
            story: shown_text(&self.story),
            unstable: self.unstable.as_deref().map(shown_line),
            ..self
        }
    }

    /// The stable id, `echo_server/half_close`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.step, self.check)
    }
}

/// The most of a sentence that is shown, in characters.
const LONGEST_LINE: usize = 1_000;

/// The most of a story, or of what a compiler said, that is shown, in characters.
const LONGEST_TEXT: usize = 64 * 1024;

/// Words that a stranger may have chosen, as one line: escaped ([`printable`]) and bounded.
pub fn shown_line(words: &str) -> String {
    let start: String = words.chars().take(LONGEST_LINE + 1).collect();
    transcript::clip(&printable(start.as_bytes()), LONGEST_LINE)
}

/// The same of a text of several lines.
pub fn shown_text(text: &str) -> String {
    let start: String = text.chars().take(LONGEST_TEXT + 1).collect();
    transcript::clip(&printable_lines(start.as_bytes()), LONGEST_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_is_shown_is_escaped_bounded_and_shown_again_the_same() {
        let hostile = "a\u{1b}[2J\u{202e}\u{e0041}\nb";
        let mut report = Report::new(hostile, hostile, Verdict::Fail, hostile.repeat(9_999));
        report.story = hostile.repeat(99_999);
        let shown = report.shown();
        assert_eq!(shown.step, "a\\x1b[2J\\u{202e}\\u{e0041}\\nb");
        assert_eq!(shown.check, shown.step);
        assert_eq!(shown.sentence.chars().count(), LONGEST_LINE);
        assert_eq!(shown.story.chars().count(), LONGEST_TEXT);
        assert!(shown.story.starts_with("a\\x1b[2J\\u{202e}\\u{e0041}\nb"));
        assert_eq!(shown.clone().shown(), shown);
    }
}
