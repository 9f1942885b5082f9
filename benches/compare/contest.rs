//! One comparison: a program of ours and its peers, measured in turn.

use std::path::PathBuf;

use crate::Plan;
use crate::machine::{Server, on_server_core};
use crate::table::{Row, Target, Unit};

/// A server that can be started as often as it takes, or why it cannot.
pub struct Contender {
    /// What it is called in the table.
    pub name: &'static str,
    /// Where it is, or why it is not there.
    pub program: Result<PathBuf, String>,
    args: Vec<String>,
}

impl Contender {
    /// A program with these arguments, on the core of the servers.
    pub fn new(name: &'static str, program: Result<PathBuf, String>, args: &[&str]) -> Contender {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        Contender { name, program, args }
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// It is not there, or does not start.
    pub fn start(&self) -> anyhow::Result<Server> {
        let mut command = match &self.program {
            Ok(program) => on_server_core(program),
            Err(why) => anyhow::bail!("{why}"),
        };
        command.args(&self.args);
        Server::start(command)
    }
}

/// One measurement of a server that was just started.
pub type Load<'a> = dyn Fn(Server) -> anyhow::Result<f64> + 'a;

/// Measures all of them once a round: A B C A B C … One row a peer.
///
/// # Errors
///
/// What the load answers.
pub fn compare(
    plan: &Plan,
    what: &str,
    unit: Unit,
    ours: &Contender,
    peers: &[(&Contender, Target)],
    load: &Load,
) -> anyhow::Result<Vec<Row>> {
    if let Err(why) = &ours.program {
        return Ok(vec![Row::skipped(what, why)]);
    }
    let mut our_results = Vec::new();
    let mut peer_results = vec![Vec::new(); peers.len()];
    for _ in 0..plan.rounds {
        our_results.push(load(ours.start()?)?);
        for ((peer, _), results) in peers.iter().zip(&mut peer_results) {
            if peer.program.is_ok() {
                results.push(load(peer.start()?)?);
            }
        }
    }
    let rows =
        peers.iter().zip(&peer_results).map(|((peer, target), results)| match &peer.program {
            Ok(_) => Row::compared(what, &our_results, peer.name, results, unit, *target),
            Err(why) => Row::skipped(&format!("{what}, against {}", peer.name), why),
        });
    Ok(rows.collect())
}
