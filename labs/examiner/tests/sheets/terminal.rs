//! A pseudo-terminal with a command at it, as a student has one.

use std::fs::File;
use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use nix::pty::{Winsize, openpty};
use nix::sys::termios::{self, LocalFlags, SetArg};

use super::session::Key;

/// A sheet has lines of at most 120 columns, and so has its terminal.
const SIZE: Winsize = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };

/// The most that is kept of what is printed, in bytes.
const KEPT: usize = 1 << 20;

/// A terminal, and the command that was started at it.
pub struct Terminal {
    /// The command.
    pub child: Child,
    keyboard: File,
    screen: Arc<Mutex<Screen>>,
}

#[derive(Default)]
struct Screen {
    text: Vec<u8>,
    /// A key was shown, and the next output begins a line.
    owes_line_end: bool,
    is_closed: bool,
    changed: Option<Instant>,
}

impl Terminal {
    /// Starts a command at a terminal of its own. The command makes it its controlling terminal.
    pub fn start(mut command: Command) -> io::Result<Terminal> {
        let pty = openpty(Some(&SIZE), None)?;
        let mut settings = termios::tcgetattr(&pty.slave)?;
        // It shows Ctrl-C and Ctrl-D itself, each on a line of its own.
        settings.local_flags.remove(LocalFlags::ECHOCTL);
        settings.local_flags.insert(LocalFlags::NOFLSH);
        termios::tcsetattr(&pty.slave, SetArg::TCSANOW, &settings)?;
        // Copies, and not what openpty() gave: that would stay open in every program started later.
        let (keyboard, display) = (pty.master.try_clone()?, pty.master.try_clone()?);
        command.stdin(Stdio::from(pty.slave.try_clone()?));
        command.stdout(Stdio::from(pty.slave.try_clone()?));
        command.stderr(Stdio::from(pty.slave.try_clone()?));
        drop(pty);
        let child = command.spawn()?;
        drop(command); // and with it this process's ends of the terminal
        let screen = Arc::new(Mutex::new(Screen::default()));
        collect(File::from(display), screen.clone());
        Ok(Terminal { child, keyboard: File::from(keyboard), screen })
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) -> io::Result<()> {
        self.keyboard.write_all(format!("{line}\n").as_bytes())
    }

    /// Types Ctrl-C or Ctrl-D, and shows it.
    pub fn presses(&mut self, key: Key) -> io::Result<()> {
        {
            let mut screen = self.screen();
            screen.text.extend_from_slice(key.shown().as_bytes());
            screen.owes_line_end = true;
        }
        self.keyboard.write_all(&[key.byte()])
    }

    /// What was printed so far, line by line; the last one is what has no line end yet.
    pub fn lines(&self) -> Vec<String> {
        let screen = self.screen();
        let mut text = String::from_utf8_lossy(&screen.text).replace('\0', "");
        if screen.owes_line_end {
            text.push('\n');
        }
        // A carriage return within a line begins it anew.
        let shown = |line: &str| {
            let line = line.trim_end_matches('\r');
            line.rsplit('\r').next().unwrap_or_default().to_string()
        };
        text.split('\n').map(shown).collect()
    }

    /// Whether nothing more can be printed.
    pub fn is_closed(&self) -> bool {
        self.screen().is_closed
    }

    /// When something was printed last.
    pub fn changed(&self) -> Option<Instant> {
        self.screen().changed
    }
}

fn collect(mut master: File, screen: Arc<Mutex<Screen>>) {
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            // A terminal whose programs have all gone answers EIO.
            let length = match master.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.unwrap_or(0),
            };
            let mut screen = screen.lock().unwrap_or_else(PoisonError::into_inner);
            screen.is_closed = length == 0;
            screen.changed = Some(Instant::now());
            if length == 0 {
                return;
            }
            // The keys themselves come back too.
            let keys = [Key::C.byte(), Key::D.byte()];
            let bytes: Vec<u8> =
                buffer[..length].iter().copied().filter(|byte| !keys.contains(byte)).collect();
            if bytes.is_empty() {
                continue;
            }
            if std::mem::take(&mut screen.owes_line_end) && !matches!(bytes[0], b'\r' | b'\n') {
                screen.text.push(b'\n');
            }
            if screen.text.len() < KEPT {
                screen.text.extend_from_slice(&bytes);
            }
        }
    });
}
