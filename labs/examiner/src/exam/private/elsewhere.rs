//! No private machine: the one that everybody has.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::{Child, Command};

use super::Closed;
use crate::exam::worker::PART;

/// There is no place that only this check sees.
pub const FILES: &str = "/nowhere";

/// There are no control groups here: see the module of Linux.
pub mod group {
    use std::io;
    use std::path::Path;

    /// Nothing can be divided.
    pub fn divide() -> bool {
        false
    }

    /// Nothing was divided.
    pub fn undo() {}

    /// There is nothing to join.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn join(_: &Path) -> io::Result<()> {
        Ok(())
    }

    /// The group of one worker.
    pub struct Group;

    impl Group {
        /// There is none.
        ///
        /// # Errors
        ///
        /// None here.
        pub fn new(_: u64) -> io::Result<Option<Group>> {
            Ok(None)
        }

        /// It is nowhere.
        pub fn path(&self) -> &Path {
            Path::new("")
        }
    }
}

/// The machine that a check runs on.
pub struct Machine;

impl Machine {
    /// The machine as it is.
    pub fn prepare(_: bool, _: Option<&Closed>) -> io::Result<Machine> {
        Ok(Machine)
    }

    /// A command that starts this program.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn command(&self, program: &str) -> io::Result<(Command, Launch)> {
        let mut command = Command::new(program);
        command.env_remove(PART); // it is no worker
        Ok((command, Launch))
    }

    /// The same for a build.
    pub fn for_builds(self) -> Machine {
        self
    }

    /// No folder of it lies in memory.
    pub fn in_memory(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// A build has all the room that there is.
    pub fn is_full(&self) -> bool {
        false
    }

    /// What was built is where it is to be.
    pub fn keeps_build(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Nobody has to be told.
    pub fn no_room() -> String {
        String::new()
    }

    /// Whether the network is the check's own.
    pub fn is_private(&self) -> bool {
        false
    }

    /// Names cannot be given to addresses here.
    pub fn names(&self, _: &[(IpAddr, &str)]) -> io::Result<bool> {
        Ok(false)
    }

    /// There are no files of a check's own here.
    pub fn file(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// No file can be taken away here.
    pub fn no_file(&self, _: &str) -> io::Result<bool> {
        Ok(false)
    }

    /// The name of the machine stays.
    pub fn host_name(&self, _: &str) -> io::Result<bool> {
        Ok(false)
    }

    /// No address can be added here.
    pub fn lives_at(&self, _: Ipv4Addr) -> io::Result<bool> {
        Ok(false)
    }
}

/// There is no machine of its own here.
///
/// # Errors
///
/// Always.
pub fn enter(_: Command, _: bool) -> io::Result<Child> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no users to name here.
///
/// # Errors
///
/// Always.
pub fn map_users() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no limits to set here.
pub fn launch(_: bool) -> ! {
    std::process::exit(127)
}

/// There is nothing below here.
pub fn launch_below(_: bool) -> ! {
    std::process::exit(127)
}

/// What is inherited stays.
///
/// # Errors
///
/// None here.
pub fn close_inherited(_: Option<i32>) -> io::Result<()> {
    Ok(())
}

/// There is no launcher here that could have something to say.
pub struct Launch;

impl Launch {
    /// The program runs.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn wait(self) -> io::Result<()> {
        Ok(())
    }
}

/// Nothing is hidden here that would have to be shown.
pub fn tool_chains_of(_: &std::path::Path) -> Vec<PathBuf> {
    Vec::new()
}
