//! Ctrl-C on Windows: an event of the console, for a group of processes.

use std::io;
use std::os::windows::process::CommandExt;
use std::process::Command;

const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
const CTRL_BREAK_EVENT: u32 = 1;

#[allow(unsafe_code)] // the declaration; calling it needs no care
#[link(name = "kernel32")]
unsafe extern "system" {
    safe fn GenerateConsoleCtrlEvent(event: u32, group: u32) -> i32;
}

/// So that an event for it does not end the tests as well.
pub fn in_a_group_of_its_own(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

/// Ctrl-Break for a group: Ctrl-C can only be sent to all processes of the console. A program that
/// listens for one hears the other too.
pub fn break_group(pid: u32) {
    let sent = GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, pid) != 0;
    assert!(sent, "{}", io::Error::last_os_error());
}
