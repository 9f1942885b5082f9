//! A student's program while it is examined.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use socket_labs::bytes::printable;

use super::output::{Output, is_traceback};
use super::private::Machine;
use super::transcript::{Transcript, clip};
pub use super::wait::{Wait, let_pass, until};
use super::{Outcome, PATIENCE, Trouble, Way, death, processes, search, terminal, wrong};

/// What stands for the words in braces of a command: `port`, `host`, `message`, …
pub type Given = BTreeMap<&'static str, String>;

/// Whether the command has this word in braces.
pub fn takes(command: &[String], word: &str) -> bool {
    command.iter().any(|part| part.contains(&format!("{{{word}}}")))
}

/// The command with the words in braces put in.
pub fn filled(command: &[String], given: &Given) -> Vec<String> {
    let fill = |part: &String| {
        given
            .iter()
            .fold(part.clone(), |part, (word, value)| part.replace(&format!("{{{word}}}"), value))
    };
    command.iter().map(fill).collect()
}

/// Takes out the argument that is this word in braces, and an option in front of it.
pub fn leave_out(command: &mut Vec<String>, word: &str) {
    if let Some(at) = command.iter().position(|part| *part == format!("{{{word}}}")) {
        command.drain(in_front_of(at, command)..=at);
    }
}

/// Puts options where `{options}` is, or in front of the first word in braces, or at the end.
pub fn put_options(command: &mut Vec<String>, options: &[String]) {
    const WORD: &str = "{options}";
    if let Some(at) = command.iter().position(|part| part == WORD) {
        command.splice(at..=at, options.iter().cloned());
    } else if takes(command, "options") {
        let options = options.join(" ");
        command.iter_mut().for_each(|part| *part = part.replace(WORD, &options));
    } else {
        let first = command.iter().position(|part| part.contains('{'));
        let at = first.map_or(command.len(), |at| in_front_of(at, command));
        command.splice(at..at, options.iter().cloned());
    }
}

/// The place of an argument, or of the option in front of it: `--port` of `--port {port}`.
fn in_front_of(at: usize, command: &[String]) -> usize {
    if at > 1 && command[at - 1].starts_with('-') { at - 1 } else { at }
}

/// The command without the option that takes this word: `--peer {peer}` or `--peer={peer}`. `None`
/// where the word stands alone: what is behind it would take its place.
pub fn without(command: &[String], word: &str) -> Option<Vec<String>> {
    let word = format!("{{{word}}}");
    let at = command.iter().position(|part| part.contains(&word))?;
    let part = &command[at];
    let is_whole = *part == word && at > 0 && command[at - 1].starts_with('-');
    let from = match part.split_once('=') {
        Some((option, _)) if option.starts_with('-') && !option.contains(' ') => at,
        _ if is_whole => at - 1,
        _ => return None,
    };
    Some([&command[..from], &command[at + 1..]].concat())
}

/// How the program's standard input and output are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// A terminal: the program prints line by line.
    Terminal,
    /// Pipes: every byte as it is, for programs that end.
    Pipes,
}

/// The most letters of an argument that a story shows.
const LONGEST_WORD: usize = 60;

/// A program while it is examined. Clones are the same program.
#[derive(Clone)]
pub struct Program(Arc<Inner>);

struct Inner {
    child: Mutex<Child>,
    input: Mutex<Option<File>>,
    out: Output,
    err: Output,
    at: At,
    transcript: Transcript,
    end_is_told: AtomicBool,
    was_ended: AtomicBool,
}

/// How a program ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// In words: `exit code 1`, `signal 11 (SIGSEGV)`.
    pub words: String,
}

impl Program {
    /// Starts a program.
    ///
    /// # Errors
    ///
    /// [`Way::NotStarted`], where the system cannot start it.
    pub fn start(
        machine: &Machine,
        command: &[String],
        folder: &Path,
        at: At,
        transcript: &Transcript,
    ) -> Outcome<Program> {
        let Some((name, arguments)) = command.split_first() else {
            return Err(Trouble::Examiner("the command is empty".into()));
        };
        let found = find(name, folder).ok_or_else(|| {
            wrong(Way::NotStarted, format!("There is no program {}.", clip(name, 60)))
        })?;
        fits_a_command_line(command)?;
        // Windows looks for a path from the folder of the examiner, and not from the program's own.
        let name = if cfg!(windows) { &found.display().to_string() } else { name };
        let (mut process, launch) = machine.command(name)?;
        process.args(arguments).current_dir(folder);
        process.env("TZ", "UTC"); // so that a time it prints is the same everywhere
        process.env("RUST_BACKTRACE", "0"); // a panic is one line
        process.env_remove(processes::CHOICE);
        if terminal::IS_REAL {
            process.env_remove("PYTHONUNBUFFERED"); // a verdict is the same in every shell
        } else {
            process.env("PYTHONUNBUFFERED", "1"); // so that it prints as at a terminal
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut process, 0);
        let ends = match at {
            At::Terminal => terminal::attach(&mut process)?,
            At::Pipes => terminal::pipes(&mut process)?,
        };
        let err = terminal::error_pipe(&mut process)?;
        let child = process.spawn().map_err(|error| {
            wrong(Way::NotStarted, format!("{} cannot be started: {error}", clip(name, 60)))
        })?;
        processes::started(child.id());
        drop(process); // and with it the program's ends of the pipes
        launch.wait()?;
        let shown = |word: &String| clip(without_folder(word), LONGEST_WORD);
        let shown: Vec<String> = command.iter().map(shown).collect();
        transcript.notes("program", format!("starts: {}", shown.join(" ")));
        let program = Program(Arc::new(Inner {
            child: Mutex::new(child),
            input: Mutex::new(Some(ends.input)),
            out: Output::of(ends.output),
            err: Output::of(err),
            at,
            transcript: transcript.clone(),
            end_is_told: AtomicBool::new(false),
            was_ended: AtomicBool::new(false),
        }));
        death::watch(&program);
        Ok(program)
    }

    /// Types a line.
    pub fn types(&self, line: &[u8]) -> io::Result<()> {
        self.0.transcript.notes("keyboard", format!("types {:?}", clip(&printable(line), 60)));
        self.input([line, b"\n"].concat())
    }

    /// Sends bytes to standard input. Long ones go in a thread: a program that does not read them
    /// must not keep the examiner waiting.
    pub fn input(&self, bytes: Vec<u8>) -> io::Result<()> {
        let input = self.0.input.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut input) = input.as_ref().map(File::try_clone).transpose()? else {
            return Ok(());
        };
        if bytes.len() <= 4096 {
            let _ = input.write_all(&bytes); // it may have ended: the check will see that
            return Ok(());
        }
        thread::spawn(move || input.write_all(&bytes));
        Ok(())
    }

    /// Ends standard input, as Ctrl-D does.
    pub fn ends_input(&self) {
        self.0.transcript.notes("keyboard", "end of input");
        let mut input = self.0.input.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut terminal) = input.take()
            && self.0.at == At::Terminal
            && terminal::IS_REAL
        {
            let _ = terminal.write_all(b"\x04");
        }
    }

    /// What it has printed on standard output so far.
    pub fn stdout(&self) -> &Output {
        &self.0.out
    }

    /// What it has printed on standard error so far.
    pub fn stderr(&self) -> &Output {
        &self.0.err
    }

    /// All that it has printed so far, on both streams.
    pub fn printed(&self) -> String {
        self.0.out.text() + &self.0.err.text()
    }

    /// How it ended, once it has: the process that was started, and all that it started.
    pub fn ended(&self) -> Option<Ended> {
        let mut child = self.0.child.lock().unwrap_or_else(PoisonError::into_inner);
        let status = child.try_wait().ok().flatten()?;
        processes::descendants().is_empty().then(|| Ended::of(status))
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    ///
    /// [`Way::StillRuns`], where it does not end in time.
    pub fn wait(&self) -> Outcome<Ended> {
        self.wait_at_most(PATIENCE)
    }

    /// Waits until it has ended, for a time of one's own.
    ///
    /// # Errors
    ///
    /// [`Way::StillRuns`], where it does not end in time.
    pub fn wait_at_most(&self, patience: Duration) -> Outcome<Ended> {
        let started = Instant::now();
        match until(patience, || self.ended()) {
            Some(ended) => {
                self.tell_end(&ended);
                Ok(ended)
            }
            None => {
                let seconds = started.elapsed().as_secs_f64();
                self.0.transcript.notes("program", format!("still runs after {seconds:.1} s"));
                Err(wrong(
                    Way::StillRuns,
                    "The program should have ended, and it still runs.".to_string(),
                ))
            }
        }
    }

    /// Waits until it has ended with exit code 0.
    ///
    /// # Errors
    ///
    /// [`Way::StillRuns`]; [`Way::Traceback`] or [`Way::ExitCode`], where it ended otherwise.
    pub fn succeeds(&self) -> Outcome {
        let ended = self.wait()?;
        if ended.code == Some(0) {
            return Ok(());
        }
        if is_traceback(&self.printed()) {
            return Err(wrong(
                Way::Traceback,
                format!("The program ended with a traceback and {}.", ended.words),
            ));
        }
        Err(wrong(
            Way::ExitCode,
            format!("The program ended with {} where all went well.", ended.words),
        ))
    }

    /// Waits until it has ended as a program should that cannot go on: an exit code that is not 0,
    /// and a sentence. `after` says what was the matter: "after a refused connection".
    ///
    /// # Errors
    ///
    /// [`Way::StillRuns`], [`Way::ExitCode`], [`Way::Traceback`], [`Way::NoMessage`].
    pub fn fails(&self, after: &str) -> Outcome {
        self.fails_within(PATIENCE, after)
    }

    /// As [`Program::fails`], with a time of one's own.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn fails_within(&self, patience: Duration, after: &str) -> Outcome {
        let ended = self.wait_at_most(patience).map_err(|trouble| {
            let sentence = format!("The program still runs {after}, and should have ended.");
            trouble.or_rather(Way::StillRuns, Way::StillRuns, sentence)
        })?;
        self.failed(&ended, after)
    }

    /// As [`Program::fails`], of a program that has ended.
    ///
    /// # Errors
    ///
    /// [`Way::ExitCode`], [`Way::Traceback`], [`Way::NoMessage`].
    pub fn failed(&self, ended: &Ended, after: &str) -> Outcome {
        if is_traceback(&self.printed()) {
            return Err(wrong(
                Way::Traceback,
                format!("The program showed a traceback {after}, in place of a sentence."),
            ));
        }
        if ended.code == Some(0) {
            let sentence =
                format!("The program ended with exit code 0 {after}: that means success.");
            return Err(wrong(Way::ExitCode, sentence));
        }
        if ended.code.is_none() {
            let sentence = format!("The program was ended by {} {after}.", ended.words);
            return Err(wrong(Way::ExitCode, sentence));
        }
        if self.printed().trim().is_empty() {
            return Err(wrong(
                Way::NoMessage,
                format!("The program ended {after} without a word of why."),
            ));
        }
        Ok(())
    }

    /// Waits until standard output has all of these words somewhere, in any case.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where it runs without a terminal and has printed nothing at all;
    /// [`Way::NotPrinted`], with `what` as the name of what is missing: "the client's address".
    pub fn prints(&self, what: &str, words: &[&str]) -> Outcome {
        let has = |text: &[u8], word: &str| {
            let text = String::from_utf8_lossy(text).to_lowercase();
            text.contains(&word.to_lowercase())
        };
        if self.0.out.wait_for(PATIENCE, |text| words.iter().all(|word| has(text, word))) {
            return Ok(());
        }
        let text = self.0.out.bytes();
        if !terminal::IS_REAL && text.is_empty() && self.ended().is_none() {
            let why = "there is no terminal to give to the program here, and it may hold back what it \
                       prints: let it flush its standard output";
            return Err(Trouble::NotHere(why.into()));
        }
        let missing: Vec<String> =
            words.iter().filter(|word| !has(&text, word)).map(|word| format!("{word:?}")).collect();
        Err(wrong(
            Way::NotPrinted,
            format!(
                "The program should print {what}; {} is not on its standard output.",
                missing.join(" and ")
            ),
        ))
    }

    /// Whether it has shown its insides in place of a sentence.
    pub fn has_traceback(&self) -> bool {
        is_traceback(&self.printed())
    }

    /// Asks it, and all that it started, to end: SIGTERM.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where there is no such signal.
    pub fn terminate(&self) -> Outcome {
        if !processes::terminate(&processes::descendants()) {
            return Err(Trouble::NotHere("this system has no SIGTERM: nobody can send it".into()));
        }
        self.0.was_ended.store(true, Ordering::Relaxed);
        self.0.transcript.notes("program", "is asked to end: SIGTERM");
        Ok(())
    }

    /// Whether the examiner has ended it.
    pub fn was_ended(&self) -> bool {
        self.0.was_ended.load(Ordering::Relaxed)
    }

    /// Kills it and all that it started.
    pub fn kill(&self) {
        let how = if cfg!(unix) { "is killed: SIGKILL" } else { "is killed" };
        self.0.transcript.notes("program", how);
        self.kill_unseen();
        let _ = until(PATIENCE, || self.ended());
    }

    /// The same, and no part of the story.
    pub fn kill_unseen(&self) {
        self.0.was_ended.store(true, Ordering::Relaxed);
        processes::kill_all();
    }

    /// Stops it, and all that it started, for so long, and lets it go on: SIGSTOP and SIGCONT. At
    /// the end of that time, and before it goes on, this is done.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where this system cannot stop a program.
    pub fn is_stopped_for(&self, time: Duration, meanwhile: impl FnOnce() -> Outcome) -> Outcome {
        let all = processes::descendants();
        if !processes::stop(&all) {
            return Err(Trouble::NotHere("this system cannot stop a program for a while".into()));
        }
        self.0.transcript.notes("program", "is stopped: SIGSTOP");
        let_pass(time);
        let done = meanwhile();
        self.0.transcript.notes("program", "goes on: SIGCONT");
        processes::go_on(&all);
        done
    }

    /// Fails where it has ended.
    ///
    /// # Errors
    ///
    /// [`Way::Ended`], with `after` behind "The program ended".
    pub fn still_runs(&self, after: &str) -> Outcome {
        match self.ended() {
            None => Ok(()),
            Some(ended) => {
                self.tell_end(&ended);
                Err(wrong(Way::Ended, format!("The program ended {after}: {}.", ended.words)))
            }
        }
    }

    /// Notes the end, once, and waits for all that was printed before it.
    fn tell_end(&self, ended: &Ended) {
        if !self.0.end_is_told.swap(true, Ordering::Relaxed) {
            self.0.transcript.notes("program", format!("ends: {}", ended.words));
        }
        self.0.out.wait_for_end(PATIENCE);
        self.0.err.wait_for_end(PATIENCE);
    }
}

impl Ended {
    fn of(status: ExitStatus) -> Ended {
        match status.code() {
            Some(code) if cfg!(windows) && is_crash(code) => {
                Ended { code: None, words: format!("ended by exception 0x{code:08X}") }
            }
            Some(code) => Ended { code: Some(code), words: format!("exit code {code}") },
            None => {
                Ended { code: None, words: status.to_string().replacen("signal: ", "signal ", 1) }
            }
        }
    }
}

/// Whether this exit code on Windows is that of a crash: an NTSTATUS with the severity "error".
fn is_crash(code: i32) -> bool {
    code as u32 >> 28 == 0xc
}

/// Where a program is: as a path, or by its name on the search path.
fn find(name: &str, folder: &Path) -> Option<PathBuf> {
    match Path::new(name).components().count() > 1 {
        true => search::program_in(folder, name),
        false => search::program(name),
    }
}

/// The most UTF-16 units of a command line on Windows, with the zero at its end (CreateProcessW).
const LONGEST_COMMAND: usize = 32_767;

/// Whether the system can start a program with these words at all.
fn fits_a_command_line(command: &[String]) -> Outcome {
    if !cfg!(windows) || length_of_line(command) < LONGEST_COMMAND {
        return Ok(());
    }
    let sentence = "a command line has at most 32,767 characters on this system, and this check \
                    takes a longer one";
    Err(Trouble::NotHere(sentence.into()))
}

/// How long a command is as one line: each word in quotes, with a backslash in front of quotes and
/// backslashes, and a space behind it.
fn length_of_line(command: &[String]) -> usize {
    let length = |word: &String| word.encode_utf16().count() + word.matches(['"', '\\']).count();
    command.iter().map(|word| length(word) + 3).sum()
}

/// A path without its folders; any other word as it is.
fn without_folder(word: &str) -> &str {
    let path = Path::new(word);
    if !path.is_absolute() {
        return word;
    }
    path.file_name().and_then(|name| name.to_str()).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(String::from).collect()
    }

    #[test]
    fn an_option_goes_with_the_word_that_is_left_out() {
        for (before, word, after) in [
            ("nc.py {host} {port}", "host", "nc.py {port}"),
            ("nc.py --host {host} --port {port}", "host", "nc.py --port {port}"),
            ("resolve {name}", "name", "resolve"),
            ("resolve", "name", "resolve"),
        ] {
            let mut command = words(before);
            leave_out(&mut command, word);
            assert_eq!(command, words(after));
        }
    }

    #[test]
    fn options_stand_where_the_command_has_room_for_them() {
        let options = words("-u -l");
        for (before, after) in [
            ("nc.py {options} {host} {port}", "nc.py -u -l {host} {port}"),
            ("nc.py {host} {port}", "nc.py -u -l {host} {port}"),
            ("nc.py --port {port}", "nc.py -u -l --port {port}"),
            ("python3 nc.py", "python3 nc.py -u -l"),
        ] {
            let mut command = words(before);
            put_options(&mut command, &options);
            assert_eq!(command, words(after));
        }
        let mut script = vec!["sh".to_string(), "-c".into(), "exec ./nc {options} {port}".into()];
        put_options(&mut script, &options);
        assert_eq!(script[2], "exec ./nc -u -l {port}");
    }

    #[test]
    fn a_command_line_is_measured_as_windows_does() {
        let length = |line: &str| length_of_line(&words(line));
        assert_eq!(length("a bc"), 4 + 5);
        assert_eq!(length("漢字 😀"), 5 + 5, "in units of UTF-16");
        assert_eq!(length(r#"a\"b"#), 4 + 2 + 3, "what is in front of a quote counts twice");
    }

    #[test]
    fn a_crash_on_windows_is_no_exit_code() {
        let [access_violation, abort] = [0xc000_0005_u32, 0xc000_0409].map(|code| code as i32);
        assert!(is_crash(access_violation) && is_crash(abort));
        assert!(![0, 1, 101, 255, -1].into_iter().any(is_crash), "what a program says itself");
    }

    fn shorter(command: &str, word: &str) -> Option<String> {
        let command: Vec<String> = command.split(' ').map(String::from).collect();
        without(&command, word).map(|parts| parts.join(" "))
    }

    #[test]
    fn an_option_is_left_out_with_its_word_and_a_word_alone_is_not() {
        let is = |text: &str| Some(text.to_string());
        assert_eq!(shorter("run --port {port} --peer {peer}", "peer"), is("run --port {port}"));
        assert_eq!(shorter("run --peer={peer} -p {port}", "peer"), is("run -p {port}"));
        assert_eq!(shorter("run {port} {peer}", "peer"), None);
        assert_eq!(shorter("run --port {port}", "peer"), None);
    }
}
