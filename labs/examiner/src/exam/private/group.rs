//! A control group for each worker (cgroups(7), version 2), where this computer leaves the examiner a part
//! of the tree to divide: "delegated", as to a container or by `systemd-run -p Delegate=yes`. The kernel
//! itself then ends a program that has more memory than it may, of whatever kind: also what sockets and
//! pipes hold, and what no process shows. Elsewhere a watch does it (`processes::end_crowds`).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::exam::wait::until;

/// Where the tree is.
const TREE: &str = "/sys/fs/cgroup";

/// What the names of our groups begin with; behind it is the number of the process whose they are.
const PREFIX: &str = "socket-labs-";

/// What an examiner needs itself, beside its program.
const OWN_MEMORY: u64 = 64 << 20;

/// The group that is divided, once it is.
static DIVIDED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn divided() -> std::sync::MutexGuard<'static, Option<PathBuf>> {
    DIVIDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Divides the group that this process is in, where it may: from now on workers get groups of their own.
/// Tells whether it could.
pub fn divide() -> bool {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let Some(own) = groups.lines().find_map(|line| line.strip_prefix("0::/")) else { return false };
    let top = Path::new(TREE).join(own);
    let controllers = fs::read_to_string(top.join("cgroup.controllers")).unwrap_or_default();
    if !controllers.split_whitespace().any(|name| name == "memory") {
        return false;
    }
    remove_stale(&top);
    // Processes are in the leaves of the tree alone, and so is this one from now on.
    let leaf = leaf(&top);
    let is_divided = fs::create_dir(&leaf)
        .and_then(|()| join(&leaf))
        .and_then(|()| fs::write(top.join("cgroup.subtree_control"), "+memory"));
    *divided() = Some(top);
    if is_divided.is_err() {
        undo();
    }
    is_divided.is_ok()
}

/// Leaves the tree as it was found.
pub fn undo() {
    let Some(top) = divided().take() else { return };
    let _ = fs::write(top.join("cgroup.subtree_control"), "-memory");
    let _ = join(&top);
    let _ = fs::remove_dir(leaf(&top));
}

fn leaf(top: &Path) -> PathBuf {
    top.join(format!("{PREFIX}{}", process::id()))
}

/// Puts this process into a group.
///
/// # Errors
///
/// The system refuses.
pub fn join(group: &Path) -> io::Result<()> {
    fs::write(group.join("cgroup.procs"), "0")
}

/// Removes the groups of graders that were killed. Those that have processes cannot be removed.
fn remove_stale(top: &Path) {
    for entry in fs::read_dir(top).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// The group of one worker. It is removed when it is dropped, which is to be after the worker has ended.
pub struct Group(PathBuf);

impl Group {
    /// A new group whose programs may have so many bytes of memory; `None` where nothing is divided.
    ///
    /// # Errors
    ///
    /// The system refuses it.
    pub fn new(memory: u64) -> io::Result<Option<Group>> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let Some(top) = divided().clone() else { return Ok(None) };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let group = Group(top.join(format!("{PREFIX}{}-{number}", process::id())));
        fs::create_dir(&group.0)?;
        fs::write(group.0.join("memory.max"), (memory + OWN_MEMORY).to_string())?;
        // A computer without swap has no such file.
        let _ = fs::write(group.0.join("memory.swap.max"), "0");
        Ok(Some(group))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The last processes may take a moment to leave it.
        until(Duration::from_secs(5), || fs::remove_dir(&self.0).ok());
    }
}
