//! One examination, from the program to the last line that is told of it.

use std::env;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use examiner::catalogue::Step;
use examiner::exam::{Check, Exam, Submission, examine, examine_one};
use socket_labs::error::OrCannot;
use socket_labs::say;

use super::advice::tell;
use super::build::{Built, Package, build};
use super::checkout::shown;
use super::report::{Lines, stories, summary, what_next};
use super::result::{Document, Points, Results};
use super::screen::paragraph;
use super::template::gaps;
use super::{Checkout, Screen, progress};

/// What a student has asked for, made out.
pub struct Order<'a> {
    /// The folder of the course.
    pub checkout: &'a Checkout,
    /// The step.
    pub step: &'static Step,
    /// Its examination.
    pub exam: &'static Exam,
    /// The checks that were named; none means all.
    pub only: Vec<&'static Check>,
    /// Where the program comes from.
    pub source: Source,
    /// Whether the story of every failure is told.
    pub all: bool,
    /// Whether one JSON document is printed, and nothing else.
    pub json: bool,
    /// What all random choices come from, where that was said.
    pub seed: Option<u64>,
    /// Where it is told.
    pub screen: Screen,
}

/// Where the program comes from.
pub enum Source {
    /// A command of the student's.
    Command(Submission),
    /// The student's file in `labs/answers`.
    Answer,
    /// The course's own program.
    Reference,
}

impl Order<'_> {
    /// The files that the program is made of, as far as one can tell.
    pub fn files(&self) -> Vec<PathBuf> {
        match &self.source {
            Source::Command(submission) => {
                let paths = submission.command.iter().map(|part| submission.folder.join(part));
                paths.filter(|path| path.is_file()).collect()
            }
            Source::Answer => vec![self.checkout.answer(self.step)],
            Source::Reference => vec![self.checkout.reference(self.step)],
        }
    }

    /// Builds, examines and tells. The exit code says whether everything passes.
    ///
    /// # Errors
    ///
    /// Cargo cannot be run.
    pub fn carry_out(&self) -> anyhow::Result<ExitCode> {
        let seed = self.seed.unwrap_or_else(any_seed);
        let submission = match self.program()? {
            Ok(submission) => submission,
            Err(compiler) => {
                self.tell_refusal(&compiler, seed)?;
                return Ok(ExitCode::FAILURE);
            }
        };
        if !self.json {
            say!("{}\n", self.title(&submission));
        }
        let results = self.examine(&submission, seed);
        let is_first_pass = self.remember(&results);
        if self.json {
            say!("{}", serde_json::to_string_pretty(&self.document(&results, &submission, seed))?);
        } else {
            self.tell(&results, seed, is_first_pass);
        }
        Ok(if results.is_pass() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The program to examine, built where that is needed; or the compiler's message.
    fn program(&self) -> anyhow::Result<Result<Submission, String>> {
        let package = match &self.source {
            Source::Command(submission) => return Ok(Ok(submission.clone())),
            Source::Answer => Package::Answers,
            Source::Reference => Package::Course,
        };
        let spinner = self.screen.working(&format!("building {}", self.step.name), 0);
        let built = build(self.checkout, package, self.step, &self.screen);
        spinner.finish_and_clear();
        Ok(match built? {
            Built::Program(program) => {
                let arguments = self.exam.arguments.iter().map(|word| word.to_string());
                let command = [program.display().to_string()].into_iter().chain(arguments);
                let folder = env::current_dir().or_cannot("find", "the current folder")?;
                Ok(Submission::new(command.collect(), folder))
            }
            Built::Refused(message) => Err(message),
        })
    }

    /// Every check of the order, each told in the exam's order as soon as it is there.
    fn examine(&self, submission: &Submission, seed: u64) -> Results {
        let checks: Vec<&'static Check> = match &self.only[..] {
            [] => self.exam.checks.iter().collect(),
            only => only.to_vec(),
        };
        let bar = self.screen.working(&format!("examining {}", self.step.name), checks.len());
        let lines = Lines::new(&checks, &self.screen);
        let tell = |report: &_| {
            bar.inc(1);
            let ready = lines.ready(report);
            if !ready.is_empty() && !self.json {
                bar.suspend(|| say!("{}", ready.join("\n")));
            }
        };
        let reports = if self.only.is_empty() {
            examine(self.exam, submission, seed, tell)
        } else {
            let one = |check: &&Check| examine_one(self.exam, check, submission, seed);
            checks.iter().map(one).inspect(tell).collect()
        };
        bar.finish_and_clear();
        Results::new(self.exam, reports)
    }

    /// Keeps what a student's own program has reached. Tells whether it passes for the first time.
    fn remember(&self, results: &Results) -> bool {
        let is_own = !matches!(self.source, Source::Reference);
        if !is_own || !self.only.is_empty() {
            return false;
        }
        let mut is_first = false;
        let kept = progress::change(self.checkout, self.step, |standing| {
            is_first = results.is_pass() && !standing.passed;
            standing.started = true;
            standing.passed |= results.is_pass();
            if is_first || !standing.passed {
                standing.points = Some((results.got(), results.total()));
            }
        });
        if let Err(error) = kept {
            tell(&error); // the verdict is worth telling all the same
        }
        is_first
    }

    fn document<'b>(
        &'b self,
        results: &'b Results,
        submission: &'b Submission,
        seed: u64,
    ) -> Document<'b> {
        Document {
            step: self.step.name,
            command: &submission.command,
            seed,
            passed: results.is_pass(),
            points: results.got(),
            total: results.total(),
            out_of_reach: results.out_of_reach(),
            mistake: results.mistake().map(|mistake| mistake.name),
            compiler: None,
            checks: results.rows(),
        }
    }

    fn tell_refusal(&self, compiler: &str, seed: u64) -> anyhow::Result<()> {
        let answer = shown(&self.files()[0]);
        if self.json {
            let document = Document {
                step: self.step.name,
                command: &[],
                seed,
                passed: false,
                points: Points::default(),
                total: self.exam.checks.iter().map(Points::of).sum(),
                out_of_reach: Points::default(),
                mistake: None,
                compiler: Some(compiler),
                checks: Vec::new(),
            };
            say!("{}", serde_json::to_string_pretty(&document)?);
            return Ok(());
        }
        say!("{}\n\n{answer} does not compile yet: start with the first message.", compiler.trim());
        Ok(())
    }

    fn title(&self, submission: &Submission) -> String {
        let name = self.screen.bold(self.step.name);
        match self.source {
            Source::Command(_) => format!("{name}: {}", submission.command.join(" ")),
            Source::Reference => paragraph(
                &format!("{name}: "),
                "the course's own program. This step is no exercise; to examine a program of yours, \
                 put `-- COMMAND` behind it.",
            ),
            Source::Answer => format!("{name}: {}", shown(&self.checkout.answer(self.step))),
        }
    }

    /// What the student has not written yet.
    fn empty_gaps(&self) -> Option<String> {
        let Source::Answer = self.source else { return None };
        let text = fs::read_to_string(self.checkout.answer(self.step)).ok()?;
        let gaps = gaps(&text).into_iter();
        let gaps: Vec<String> = gaps.map(|(gap, line)| format!("{gap} (line {line})")).collect();
        (!gaps.is_empty()).then(|| paragraph("Still to write: ", &gaps.join(", ")))
    }

    fn tell(&self, results: &Results, seed: u64, is_first_pass: bool) {
        for story in stories(results, self.all, &self.screen) {
            say!("\n{story}");
        }
        say!("\n{}", summary(results, self.all, &self.screen));
        if let Some(gaps) = self.empty_gaps() {
            say!("{}", self.screen.yellow(&gaps));
        }
        say!("Seed {seed}: with --seed {seed} the examiner makes the same choices again.");
        if results.is_pass() && self.only.is_empty() && !matches!(self.source, Source::Reference) {
            // Whose program a command starts, only the student knows.
            let is_written = is_first_pass && matches!(self.source, Source::Answer);
            say!("\n{}", what_next(self.checkout, self.step, is_written, &self.screen));
        }
    }
}

/// Seeds are below this: short enough to be typed.
const SEEDS: u64 = 100_000;

fn any_seed() -> u64 {
    RandomState::new().hash_one(SystemTime::now()) % SEEDS
}
