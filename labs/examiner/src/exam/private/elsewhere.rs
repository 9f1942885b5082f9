//! No private machine: the one that everybody has.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Command};

/// The machine that a check runs on.
pub struct Machine;

impl Machine {
    /// The machine as it is.
    pub fn prepare(_: bool) -> io::Result<Machine> {
        Ok(Machine)
    }

    /// Whether the network is the check's own.
    pub fn is_private(&self) -> bool {
        false
    }

    /// Names cannot be given to addresses here.
    pub fn names(&self, _: &[(IpAddr, &str)]) -> io::Result<bool> {
        Ok(false)
    }

    /// No address can be added here.
    pub fn lives_at(&self, _: Ipv4Addr) -> io::Result<bool> {
        Ok(false)
    }
}

/// Starts the inner worker: `isolated` tells it whether it has a machine of its own.
pub fn enter(mut inner: impl FnMut(bool) -> Command) -> io::Result<Child> {
    inner(false).spawn()
}
