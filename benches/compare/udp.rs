//! `udp_echo_server` and `mandela` against C programs that receive in a loop and do the same work.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use socket_labs::note;

use crate::Plan;
use crate::contest::{Contender, compare};
use crate::machine::{Server, c_peer, program, workplace};
use crate::table::Target::{AtLeast, Told};
use crate::table::{Row, Unit};

/// What the servers call their number at Ctrl-C.
pub const ECHOES: &str = "Datagrams sent back: ";
pub const GOOD: &str = "received: ";

pub fn echo(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let flood = match c_peer("udp_flood") {
        Ok(flood) => flood,
        Err(why) => return Ok(vec![Row::skipped("udp_echo_server", &why)]),
    };
    let ours = udp_echo_server("ours", program("udp_echo_server"));
    let c = Contender::new("C", c_peer("udp_echo"), &[]);
    let mut rows = Vec::new();
    for size in [64, 1_400] {
        let what = format!("udp_echo_server, datagrams of {size} bytes");
        let load = |server| flooded(server, &flood, &vec![b'd'; size], ECHOES, plan);
        let peers = [(&c, AtLeast(0.95))];
        rows.extend(compare(plan, &what, Unit::PerSecond, &ours, &peers, &load)?);
    }
    Ok(rows)
}

pub fn mandela(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let flood = match c_peer("udp_flood") {
        Ok(flood) => flood,
        Err(why) => return Ok(vec![Row::skipped("mandela", &why)]),
    };
    let listener = c_peer("mandela_listener");
    let silent =
        (mandela_listener("ours", program("mandela")), Contender::new("C", listener.clone(), &[]));
    let talking = (
        Contender::new("ours", program("mandela"), &["--port", "0"]),
        Contender::new("C", listener, &["print"]),
    );
    let mut rows = Vec::new();
    for (what, datagram, (ours, c), target) in [
        ("79 bytes, verified", datagram(QUOTE), &silent, AtLeast(0.95)),
        ("1,400 bytes, verified", datagram(&"q".repeat(1_382)), &silent, AtLeast(0.95)),
        ("79 bytes, verified and printed", datagram(QUOTE), &talking, Told),
    ] {
        let what = format!("mandela, datagrams of {what}");
        let load = |server| flooded(server, &flood, &datagram, GOOD, plan);
        rows.extend(compare(plan, &what, Unit::PerSecond, ours, &[(c, target)], &load)?);
    }
    Ok(rows)
}

/// `udp_echo_server` as the benchmarks start it.
pub fn udp_echo_server(
    name: &'static str,
    program: Result<std::path::PathBuf, String>,
) -> Contender {
    // One client alone is the load: it gets all the answers that there can be.
    Contender::new(name, program, &["--port", "0", "--rate", "4294967295"])
}

/// `mandela` that only counts what is good.
pub fn mandela_listener(
    name: &'static str,
    program: Result<std::path::PathBuf, String>,
) -> Contender {
    Contender::new(name, program, &["--port", "0", "--quiet"])
}

/// Datagrams a second that the server took while it was flooded with them.
///
/// The server is stopped until its queue is full. After that it never waits for a datagram, and does
/// not have to be woken up by the sender, which costs both of them more than the datagram does. A
/// server that begins with an empty queue can be kept in that state by a sender that is faster.
pub fn flooded(
    server: Server,
    flood: &Path,
    datagram: &[u8],
    summary: &str,
    plan: &Plan,
) -> anyhow::Result<f64> {
    let file = workplace()?.join("datagram");
    fs::write(&file, datagram)?;
    let mut sender = Command::new(flood);
    sender.args([server.address.port().to_string(), plan.time.as_secs_f64().to_string()]);
    sender.stdin(File::open(&file)?).stdout(Stdio::piped());

    server.signal("STOP")?;
    let sender = sender.spawn()?;
    thread::park_timeout(Duration::from_millis(20));
    server.signal("CONT")?;
    let start = Instant::now();
    let sender = sender.wait_with_output()?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(sender.status.success(), "the sender of datagrams failed");

    let sent: f64 = String::from_utf8_lossy(&sender.stdout).trim().parse().context("no number")?;
    let taken = server.count(summary)?;
    if sent < 1.05 * taken {
        note!("  note: {taken} of {sent} datagrams were taken: the sender was the slower one");
    }
    Ok(taken / seconds)
}

pub const QUOTE: &str = "\"It always seems impossible until it's done\" - Nelson Mandela";

/// The datagram of lab 7, by hand: as the programs are measured, they are not asked for it.
pub fn datagram(quote: &str) -> Vec<u8> {
    let mut bytes = 1_700_000_000_u64.to_be_bytes().to_vec();
    bytes.extend([127, 0, 0, 1]);
    bytes.extend(5005_u16.to_be_bytes());
    bytes.extend(quote.as_bytes());
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in &bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    [&(b << 16 | a).to_be_bytes(), &bytes[..]].concat()
}
