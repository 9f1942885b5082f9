//! The processes of any Unix, as `ps` tells them.

use std::io;
use std::process::{self, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The process groups of the programs that were started. Only the one who holds it runs `ps`, which
/// is a child of this process itself, and must not be taken for a program.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Whether `ps` is to be asked where the system has something better.
#[cfg(target_os = "linux")]
pub fn is_chosen() -> bool {
    std::env::var_os(super::CHOICE).is_some_and(|choice| choice == "ps")
}

/// There is nothing better here.
#[cfg(not(target_os = "linux"))]
pub fn is_chosen() -> bool {
    true
}

/// Remembers the process group of a program.
pub fn remember(group: u32) {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner).push(group);
}

/// Whether `ps` tells of processes here.
///
/// # Errors
///
/// There is none, or it has another form than it should.
pub fn works() -> io::Result<()> {
    let _alone = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    let cannot = |why: &dyn std::fmt::Display| io::Error::other(format!("ps: {why}"));
    let (rows, _) = table().map_err(|error| cannot(&error))?;
    let is_there = rows.iter().any(|row| row.pid == process::id());
    is_there.then_some(()).ok_or_else(|| cannot(&"it does not tell of the process that asks"))
}

/// All living descendants of this process, and what else is in the groups of its programs.
pub fn descendants() -> Vec<u32> {
    let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    let (rows, ps) = table().unwrap_or_default();
    family(&rows, process::id(), &groups, ps)
}

/// The same of this text of a table: the descendants of a process, and what else is in these groups.
pub fn family_in(table: &str, of: u32, groups: &[u32]) -> Vec<u32> {
    let rows: Vec<Row> = table.lines().filter_map(row).collect();
    family(&rows, of, groups, 0)
}

/// A living process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    pid: u32,
    parent: u32,
    group: u32,
}

/// Every living process, and the number of the `ps` that tells it.
fn table() -> io::Result<(Vec<Row>, u32)> {
    let mut ps = Command::new("ps");
    // One `-o` for each column: FreeBSD takes what is behind `=` for a heading, commas included.
    ps.args(["-A", "-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "stat="]);
    let ps = ps.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let own = ps.id();
    let output = ps.wait_with_output()?;
    Ok((String::from_utf8_lossy(&output.stdout).lines().filter_map(row).collect(), own))
}

/// One line: three numbers and the state. `None` for a process that is dead and still has a number,
/// and for a line of another form.
fn row(line: &str) -> Option<Row> {
    let mut words = line.split_whitespace();
    let mut number = || words.next()?.parse().ok();
    let row = Row { pid: number()?, parent: number()?, group: number()? };
    let state = words.next()?;
    (!state.starts_with(['Z', 'X'])).then_some(row)
}

/// The descendants of a process, and of all that is in one of these groups, without the `ps`.
fn family(rows: &[Row], of: u32, groups: &[u32], ps: u32) -> Vec<u32> {
    let rows = || rows.iter().filter(|row| row.pid != ps && row.pid != of);
    let mut found: Vec<u32> =
        rows().filter(|row| groups.contains(&row.group)).map(|row| row.pid).collect();
    let mut next = [&[of], &found[..]].concat();
    while let Some(parent) = next.pop() {
        for child in rows().filter(|row| row.parent == parent) {
            if !found.contains(&child.pid) {
                found.push(child.pid);
                next.push(child.pid);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::CHILDREN;
    use super::*;

    /// The same processes as Linux, macOS and FreeBSD show them.
    #[test]
    fn a_line_of_each_system_is_read() {
        let is = Row { pid: 812, parent: 1, group: 812 };
        for line in [
            "    812       1     812 Ss",
            "  812     1   812 S+",
            " 812    1  812 IsJ",
            "812 1 812 R",
        ] {
            assert_eq!(row(line), Some(is), "{line}");
        }
        for dead in ["812 1 812 Z+", "812 1 812 Z", "812 1 812 X"] {
            assert_eq!(row(dead), None, "{dead}");
        }
        for other in
            ["", "PID PPID PGID STAT", "812 1", "812 1 812", "-1 1 812 S", "99999999999 1 1 S"]
        {
            assert_eq!(row(other), None, "{other}");
        }
    }

    #[test]
    fn a_family_is_found_by_parents_and_by_groups_and_ps_is_not_of_it() {
        let row = |pid, parent, group| Row { pid, parent, group };
        let rows = [
            row(1, 0, 1),
            row(100, 1, 100),   // the examiner
            row(101, 100, 100), // its ps
            row(200, 100, 200), // a program
            row(201, 200, 200), // its child
            row(202, 1, 200),   // its grandchild, whose parent has gone
            row(203, 202, 203), // and a child of that one in a group of its own
            row(300, 1, 300),   // somebody else, and a child
            row(301, 300, 300),
        ];
        let mut found = family(&rows, 100, &[200], 101);
        found.sort_unstable();
        assert_eq!(found, [200, 201, 202, 203]);
        assert!(family(&rows[..3], 100, &[], 101).is_empty(), "ps alone is no program");
        assert!(family(&[row(100, 100, 100)], 100, &[100], 101).is_empty(), "its own parent");
    }

    /// Hundreds of lookups by several threads at once, none of which sees the `ps` of another.
    #[test]
    fn nobody_takes_ps_for_a_program() {
        let _alone = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
        works().unwrap();
        let look = || (0..10).flat_map(|_| descendants()).collect::<Vec<_>>();
        let found: Vec<u32> = std::thread::scope(|scope| {
            let looks: Vec<_> = (0..4).map(|_| scope.spawn(look)).collect();
            looks.into_iter().flat_map(|look| look.join().unwrap()).collect()
        });
        assert!(found.is_empty(), "this process has started nothing else: {found:?}");
    }
}
