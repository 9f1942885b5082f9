//! The processes of Linux, from `/proc`.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::statvfs::statvfs;
use nix::unistd::geteuid;

use super::Use;

/// Takes in orphans from now on.
pub fn take_in_orphans() {
    let _ = prctl::set_child_subreaper(true);
}

/// The most processes and threads that this process and all beside it may have: what its control
/// groups say, those above them, and the limit of its user. `None` where nothing limits them.
pub fn limit() -> Option<usize> {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    // `8:pids:/a/b` of version 1, `0::/a/b` of version 2 (cgroups(7)).
    let of_groups = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        let is_of_pids =
            controllers.is_empty() || controllers.split(',').any(|name| name == "pids");
        is_of_pids.then(|| path.trim_start_matches('/').to_string())
    });
    let tops = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
    let folders = of_groups.flat_map(|path| {
        tops.into_iter().flat_map(move |top| {
            let own = top.join(&path);
            let above = own.ancestors().take_while(|folder| folder.starts_with(top));
            above.map(Path::to_path_buf).collect::<Vec<_>>()
        })
    });
    let of_group = |folder: PathBuf| {
        let most = fs::read_to_string(folder.join("pids.max")).ok()?;
        most.trim().parse::<usize>().ok() // or "max"
    };
    let of_user = getrlimit(Resource::RLIMIT_NPROC).ok().map(|(soft, _)| soft as usize);
    // Root's processes are not limited in number (setrlimit(2)).
    let of_user = of_user.filter(|_| !geteuid().is_root());
    folders.filter_map(of_group).chain(of_user).min()
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

/// The parent of a process that is not dead.
fn living_child(pid: u32) -> Option<u32> {
    let (is_dead, parent) = state(pid)?;
    (!is_dead).then_some(parent)
}

/// Whether a process is dead, and its parent; `/proc/PID/stat` has the state and the parent behind
/// the name in parentheses. Where the main thread has ended before the others, the process looks as
/// if it were dead, and is not.
fn state(pid: u32) -> Option<(bool, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let looks_dead = matches!(fields.next()?, "Z" | "X");
    let threads = || fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().count();
    Some((looks_dead && threads() < 2, fields.next()?.parse().ok()?))
}

/// How many children of these processes are dead, and nobody has waited for them: zombies (wait(2)).
pub fn unwaited(pids: &[u32]) -> usize {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pid = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let is_unwaited =
        |pid: &u32| state(*pid).is_some_and(|(is_dead, parent)| is_dead && pids.contains(&parent));
    numbers.filter_map(pid).filter(is_unwaited).count()
}

/// What these processes use. Those that have gone count nothing.
pub fn usage(pids: &[u32]) -> Use {
    let mut all = Use::default();
    for pid in pids {
        let entries = |folder: &Path| fs::read_dir(folder.join("fd")).into_iter().flatten().count();
        let mut files = entries(Path::new(&format!("/proc/{pid}")));
        for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            all.threads += 1;
            // Those of a process whose main thread has ended are its other threads'.
            if files == 0 {
                files = entries(&task.path());
            }
            let schedule = fs::read_to_string(task.path().join("schedstat")).ok();
            let mut times = schedule.as_deref().unwrap_or_default().split(' ');
            let mut next = || times.next().and_then(|time| time.parse::<u64>().ok());
            all.cpu += next().unwrap_or(0);
            all.queued += next().unwrap_or(0);
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            let state = stat.rsplit_once(") ").map(|(_, fields)| fields);
            all.running += usize::from(state.is_some_and(|state| state.starts_with(['R', 'D'])));
        }
        all.files += files;
    }
    all
}

/// The most pieces of memory that processes share and no file has: a program maps at most 16 MiB at once
/// (`private::filter`). Such a piece lives on, and none of its bytes is told of a process, when they are
/// unmapped but for one, so that it is counted as a whole. No lab needs any.
const SHARED: usize = 32;

/// Whether these processes have more memory together than this, with what lies in these folders, which
/// are file systems in memory.
pub fn are_greedy(pids: &[u32], most: u64, folders: &[PathBuf]) -> bool {
    let in_files: u64 = folders.iter().map(|folder| used(folder)).sum();
    // What processes share is counted once in the end, which takes the kernel longer.
    let is_much = memory(pids, "status", &["RssAnon:", "RssShmem:"]) + in_files > most
        && memory(pids, "smaps_rollup", &["Pss_Anon:", "Pss_Shmem:"]) + in_files > most;
    is_much || shared(pids) > SHARED
}

/// What is taken of a file system, in bytes.
fn used(folder: &Path) -> u64 {
    statvfs(folder)
        .map_or(0, |system| (system.blocks() - system.blocks_free()) * system.fragment_size())
}

/// How many pieces of memory that no file has are shared in these processes: each has a number of its
/// own in /proc/PID/maps.
fn shared(pids: &[u32]) -> usize {
    let mut pieces = HashSet::new();
    for pid in pids {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
        let maps = maps.lines().filter(|line| line.ends_with("/dev/zero (deleted)"));
        pieces.extend(maps.filter_map(|line| line.split_whitespace().nth(4)?.parse::<u64>().ok()));
    }
    pieces.len()
}

/// The sum of these lines of a file of /proc/PID, which are in KiB; in bytes.
fn memory(pids: &[u32], file: &str, names: &[&str]) -> u64 {
    let of_process = |pid: &u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let number = |line: &str| line.split_whitespace().nth(1)?.parse::<u64>().ok();
        let is_named = |line: &&str| names.iter().any(|name| line.starts_with(name));
        text.lines().filter(is_named).filter_map(number).sum::<u64>()
    };
    pids.iter().map(of_process).sum::<u64>() * 1024
}
