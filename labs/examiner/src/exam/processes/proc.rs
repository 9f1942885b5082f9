//! The processes of Linux, from `/proc`.

use std::collections::HashMap;
use std::fs;
use std::process;

use nix::sys::prctl;

use super::Use;

/// Takes in orphans from now on.
pub fn take_in_orphans() {
    let _ = prctl::set_child_subreaper(true);
}

/// All living descendants of this process.
pub fn descendants() -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Some(parent) = living_child(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut next = vec![process::id()];
    while let Some(parent) = next.pop() {
        let of_parent = children.remove(&parent).unwrap_or_default();
        next.extend(&of_parent);
        found.extend(of_parent);
    }
    found
}

/// The parent of a process that is not dead; `/proc/PID/stat` has the state and the parent behind
/// the name in parentheses.
fn living_child(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.next()?.parse().ok() }
}

/// What these processes use. Those that have gone count nothing.
pub fn usage(pids: &[u32]) -> Use {
    let mut all = Use::default();
    for pid in pids {
        let entries = |folder: &str| {
            fs::read_dir(format!("/proc/{pid}/{folder}")).into_iter().flatten().count()
        };
        all.files += entries("fd");
        for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            all.threads += 1;
            let schedule = fs::read_to_string(task.path().join("schedstat")).ok();
            let mut times = schedule.as_deref().unwrap_or_default().split(' ');
            let mut next = || times.next().and_then(|time| time.parse::<u64>().ok());
            all.cpu += next().unwrap_or(0);
            all.queued += next().unwrap_or(0);
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            let state = stat.rsplit_once(") ").map(|(_, fields)| fields);
            all.running += usize::from(state.is_some_and(|state| state.starts_with('R')));
        }
    }
    all
}
