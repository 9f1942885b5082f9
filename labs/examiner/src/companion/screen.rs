//! What a student sees: marks, colours, lines of at most 80 columns, and a sign that work goes on.

use std::env;
use std::io::{self, IsTerminal};
use std::time::Duration;

use examiner::exam::Verdict;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub use examiner::exam::transcript::wrapped;

/// How wide a line may be.
pub const WIDTH: usize = 80;

/// Whether colours and a spinner are welcome.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    colours: bool,
    spinner: bool,
}

impl Screen {
    /// Colours are for a terminal, and not where `NO_COLOR` is set (no-color.org) or the terminal
    /// is a dumb one. A spinner is for a terminal too; it goes to standard error.
    pub fn new() -> Screen {
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        // The console of an old Windows shows the codes themselves.
        let knows_codes =
            !cfg!(windows) || env::var_os("WT_SESSION").or(env::var_os("TERM")).is_some();
        let colours = io::stdout().is_terminal() && !is_dumb && !unwanted && knows_codes;
        Screen { colours, spinner: io::stderr().is_terminal() && !is_dumb }
    }

    /// One that is no terminal.
    #[cfg(test)]
    pub fn plain() -> Screen {
        Screen { colours: false, spinner: false }
    }

    /// Whether colours are welcome.
    pub fn has_colours(&self) -> bool {
        self.colours
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.into() }
    }

    /// What went well.
    pub fn green(&self, text: &str) -> String {
        self.paint("32", text)
    }

    /// What is to be looked at.
    pub fn yellow(&self, text: &str) -> String {
        self.paint("33", text)
    }

    /// What travels.
    pub fn cyan(&self, text: &str) -> String {
        self.paint("36", text)
    }

    /// What is important.
    pub fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    /// What is known already.
    pub fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    /// The mark of a verdict: `✓`, `+`, `~`, `✗`, `-`, `!`.
    pub fn mark(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Pass => self.green("✓"),
            Verdict::Beyond => self.cyan("+"),
            Verdict::Fragile => self.yellow("~"),
            Verdict::Fail => self.paint("31", "✗"),
            Verdict::Skipped => self.dim("-"),
            Verdict::Error => self.paint("35", "!"),
        }
    }

    /// Shows that something goes on, until it is finished. With a number of parts it also shows
    /// how many are done.
    pub fn working(&self, on: &str, parts: usize) -> ProgressBar {
        let bar = ProgressBar::new(parts as u64);
        if !self.spinner {
            bar.set_draw_target(ProgressDrawTarget::hidden());
            return bar;
        }
        let template = match parts {
            0 => "{spinner} {msg} {elapsed}",
            _ => "{spinner} {msg}: {pos} of {len} checks, {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(on.to_string());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}

/// A paragraph behind a label, wrapped, with the lines after the first one indented like it.
pub fn paragraph(label: &str, text: &str) -> String {
    let indent = label.chars().count();
    let lines = wrapped(text, WIDTH - indent);
    format!("{label}{}", lines.join(&format!("\n{:indent$}", "")))
}
