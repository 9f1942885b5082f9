//! The benchmarks: how the programs of the course compare with others that do the same work.
//!
//! ```text
//! cargo bench --bench compare                       all of it, about eight minutes
//! cargo bench --bench compare -- echo udp           some rows: see GROUPS
//! cargo bench --bench compare -- --quick            fewer and shorter rounds, to see that it works
//! ```
//!
//! Nothing here is a test, and no time is asserted: a number depends on the machine. What can be
//! compared is a *ratio*, so each program is measured in turn with a peer in the same run
//! (A B A B …), each time in a process of its own. The servers have one core and the load another.
//! A row shows the medians of all rounds, and the median, the lowest and the highest of the ratios
//! of each round. The peers are in `benches/peers`; those in C are compiled with `cc -O2`.
//!
//! For Linux: it pins with `taskset` and reads memory from /proc. Let the machine be at rest.

#[cfg(target_os = "linux")]
mod build;
#[cfg(target_os = "linux")]
mod contest;
#[cfg(target_os = "linux")]
mod echo;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod programs;
#[cfg(target_os = "linux")]
mod table;
#[cfg(target_os = "linux")]
mod udp;

#[cfg(not(target_os = "linux"))]
fn main() {
    socket_labs::note!("the benchmarks need Linux: taskset and /proc");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    socket_labs::error::finish(linux::run())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::time::{Duration, Instant};

    use socket_labs::{note, say};

    use crate::table::{Row, print};
    use crate::{build, echo, machine, programs, udp};

    /// One group of rows: its name on the command line, what it compares, and how.
    type Group = (&'static str, &'static str, fn(&Plan) -> anyhow::Result<Vec<Row>>);

    const GROUPS: [Group; 10] = [
        ("echo", "echo_server: small requests", echo::requests_rows),
        ("bulk", "echo_server: one client that sends all it can", echo::bulk_rows),
        ("connections", "echo_server: clients that come and go", echo::connections_rows),
        ("memory", "echo_server: clients that stay", echo::memory_rows),
        ("udp", "udp_echo_server", udp::echo),
        ("mandela", "mandela: receive and verify", udp::mandela),
        ("start", "start to finish of the clients", programs::start_to_finish),
        ("build", "the first clean build", build::first_build),
        ("dev", "the dev profile against release", programs::dev_profile),
        ("noise", "a program against itself: what this machine can tell apart", echo::noise),
    ];

    /// How often and how long to measure.
    pub struct Plan {
        /// Rounds a comparison; a median is taken over them.
        pub rounds: usize,
        /// How long one measurement of one program takes.
        pub time: Duration,
        /// Whether this is only to see that it works.
        pub quick: bool,
    }

    pub fn run() -> anyhow::Result<()> {
        let args: Vec<String> = env::args().skip(1).collect();
        if !args.iter().any(|arg| arg == "--bench") {
            // `cargo test --all-targets` starts benchmarks too, but without this argument.
            note!("start the benchmarks with: cargo bench --bench compare");
            return Ok(());
        }
        let quick = args.iter().any(|arg| arg == "--quick");
        let chosen: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
        if let Some(unknown) =
            chosen.iter().find(|name| GROUPS.iter().all(|(group, ..)| group != **name))
        {
            let names: Vec<&str> = GROUPS.iter().map(|(name, ..)| *name).collect();
            anyhow::bail!("no group is called {unknown}; there are: {}", names.join(", "));
        }
        machine::pin_to_the_load_core()?;
        let plan = match quick {
            true => Plan { rounds: 2, time: Duration::from_millis(100), quick },
            false => Plan { rounds: 11, time: Duration::from_millis(400), quick },
        };
        let begin = Instant::now();
        note!("{}", machine::describe());
        let mut rows = Vec::new();
        for (name, what, measure) in GROUPS {
            if chosen.is_empty() || chosen.iter().any(|chosen| *chosen == name) {
                note!("{name}: {what} ({} s so far)", begin.elapsed().as_secs());
                rows.extend(measure(&plan)?);
            }
        }
        say!("\n{}\n", machine::describe());
        print(&rows);
        say!("\n{} rounds, {} s in all", plan.rounds, begin.elapsed().as_secs());
        Ok(())
    }
}

#[cfg(target_os = "linux")]
pub use linux::Plan;
