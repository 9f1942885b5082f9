//! `labs doctor`: what this machine offers to the examiner.

use std::env;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread;

use examiner::exam::{here, search, worker};
use socket_labs::say;

use super::screen::paragraph;

/// A tool that the course can make use of, and for what.
const TOOLS: &[(&str, &str)] = &[
    ("python3", "answers in Python, and the tests of the course"),
    ("cc", "answers in C"),
    ("rustc", "answers in Rust"),
    ("strace", "the calls of a program"),
    ("bwrap", "not needed: the examiner makes its private machines itself"),
];

/// Says what works here and what does not, and what to do about it.
///
/// # Errors
///
/// The examiner cannot start a worker.
pub fn doctor() -> anyhow::Result<()> {
    let private = worker::is_private(false)?;
    let closed = worker::is_private(true)?;
    say!("system             {} {}", env::consts::OS, env::consts::ARCH);
    say!("cores              {}", thread::available_parallelism().map_or(1, NonZero::get));
    say!("private network    {}", yes(private));
    say!("closed file system {}", yes(closed));
    for (tool, what) in TOOLS {
        let found =
            find(tool).map_or_else(|| "not found".into(), |path| path.display().to_string());
        say!("{tool:18} {found} ({what})");
    }
    match (private, closed) {
        (true, true) => {
            say!(
                "\nEvery check has a machine of its own: a network with loopback alone, its own process"
            );
            say!("numbers and files. Fixed ports never clash, and no packet leaves this computer.");
        }
        (true, false) => {
            say!(
                "\nEvery check has a network of its own, but `labs grade` cannot hide your files from"
            );
            say!("the programs of others: grade on a machine that holds nothing else.");
        }
        (false, _) => {
            say!(
                "\nThere are no private networks here. Checks run on the loopback network of this"
            );
            say!("computer: programs with a fixed port take turns, names cannot be given to the");
            say!("examiner's servers, and programs of others are limited but not shut in.");
            say!("{}", why());
            if let Some(limits) = here::limits() {
                say!("\n{}", paragraph("", limits));
            }
        }
    }
    Ok(())
}

fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

/// Why there are no private networks, as far as the system tells, and what to do about it.
fn why() -> String {
    if !cfg!(target_os = "linux") {
        return "They are a power of Linux: grade on Linux, or in a virtual machine with it."
            .into();
    }
    if env::var_os("SOCKET_LABS_SHARED_NETWORK").is_some() {
        return "SOCKET_LABS_SHARED_NETWORK is set: unset it.".into();
    }
    let setting = |name: &str| std::fs::read_to_string(Path::new("/proc/sys").join(name));
    let is = |name: &str, value: &str| setting(name).is_ok_and(|text| text.trim() == value);
    let advice = if is("kernel/apparmor_restrict_unprivileged_userns", "1") {
        "AppArmor forbids user namespaces (Ubuntu since 23.10): as root,\n  sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    } else if is("kernel/unprivileged_userns_clone", "0") {
        "The kernel forbids user namespaces: as root,\n  sysctl kernel.unprivileged_userns_clone=1"
    } else if is("user/max_user_namespaces", "0") {
        "The limit of user namespaces is 0: as root,\n  sysctl user.max_user_namespaces=10000"
    } else {
        "The system refuses user namespaces. In a container, its seccomp profile does that:\nstart it with --security-opt seccomp=unconfined."
    };
    advice.into()
}

fn find(tool: &str) -> Option<std::path::PathBuf> {
    let found = search::program(tool)?;
    // A shim may stand for a tool that is not installed.
    Command::new(&found).arg("--version").output().ok()?.status.success().then_some(found)
}
