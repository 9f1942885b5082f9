//! The terminal that a program is examined at. C's printf and Python hold back what they print into a
//! pipe, and print line by line on a terminal: so a program that runs on is given one.

use std::fs::File;
use std::io;
use std::process::Command;

/// The examiner's ends of a program's standard input and output.
pub struct Ends {
    /// What the program reads.
    pub input: File,
    /// What the program prints.
    pub output: File,
}

/// Whether there are terminals to give here. Elsewhere a program gets pipes, and may hold back what it
/// prints until it ends.
pub const IS_REAL: bool = cfg!(unix);

/// Gives the program a terminal of its own for standard input and output. It echoes nothing and
/// changes no byte of what is printed. What is typed reaches the program line by line.
#[cfg(unix)]
pub fn attach(command: &mut Command) -> io::Result<Ends> {
    use std::process::Stdio;

    use nix::pty::openpty;
    use nix::sys::termios::{self, InputFlags, LocalFlags, OutputFlags, SetArg};

    let pty = openpty(None, None)?;
    let mut settings = termios::tcgetattr(&pty.slave)?;
    settings.local_flags.remove(LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN);
    settings.input_flags.remove(InputFlags::IXON | InputFlags::ICRNL);
    settings.output_flags.remove(OutputFlags::OPOST);
    termios::tcsetattr(&pty.slave, SetArg::TCSANOW, &settings)?;
    // Copies, and not what openpty() gave: that would stay open in every program started later.
    let (slave, master) = (pty.slave, pty.master);
    command.stdin(Stdio::from(slave.try_clone()?)).stdout(Stdio::from(slave.try_clone()?));
    Ok(Ends { input: File::from(master.try_clone()?), output: File::from(master.try_clone()?) })
}

/// There are no pseudo-terminals here: the program gets pipes, and one that holds back what it
/// prints is judged when it ends.
#[cfg(not(unix))]
pub fn attach(command: &mut Command) -> io::Result<Ends> {
    pipes(command)
}

/// Gives the program pipes, for steps whose output is bytes: on a terminal a careful program would
/// escape some of them.
pub fn pipes(command: &mut Command) -> io::Result<Ends> {
    let (for_program, input) = io::pipe()?;
    let (output, from_program) = io::pipe()?;
    command.stdin(for_program).stdout(from_program);
    Ok(Ends { input: file(input), output: file(output) })
}

/// A pipe for standard error, which no language holds back.
pub fn error_pipe(command: &mut Command) -> io::Result<File> {
    let (output, from_program) = io::pipe()?;
    command.stderr(from_program);
    Ok(file(output))
}

#[cfg(unix)]
fn file(end: impl Into<std::os::fd::OwnedFd>) -> File {
    File::from(end.into())
}

#[cfg(windows)]
fn file(end: impl Into<std::os::windows::io::OwnedHandle>) -> File {
    File::from(end.into())
}
