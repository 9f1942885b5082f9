//! `echo_server` against a plain C server and Python's: each with a thread for each client.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use socket2::Socket;

use crate::Plan;
use crate::contest::{Contender, compare};
use crate::machine::{Server, c_peer, has, open_files, peer_source, program};
use crate::table::Target::{AtLeast, Told};
use crate::table::{Row, Target, Unit};

/// The small message.
const MESSAGE: [u8; 64] = [b'm'; 64];

/// Nothing takes longer than this, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// Room for so many clients: the most that `--max-clients` takes.
const ARGS: &[&str] = &["--port", "0", "--max-clients", "12000"];

fn ours() -> Contender {
    Contender::new("ours", program("echo_server"), ARGS)
}

fn in_c() -> Contender {
    Contender::new("C", c_peer("echo_threads"), &[])
}

fn in_python() -> Contender {
    let python = match has("python3") {
        true => Ok("python3".into()),
        false => Err("python3 is not installed".into()),
    };
    let script = peer_source("echo_threads.py");
    Contender::new("Python", python, &[&script.to_string_lossy()])
}

/// Requests and answers, by the number of clients that are connected.
pub fn requests_rows(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let (ours, c, python) = (ours(), in_c(), in_python());
    let mut rows = Vec::new();
    for (clients, python_target) in [(1, Told), (100, AtLeast(1.2)), (1_000, AtLeast(1.2))] {
        let s = if clients == 1 { "" } else { "s" };
        let what = format!("echo_server, 64-byte requests of {clients} client{s}");
        let peers = [(&c, AtLeast(0.97)), (&python, python_target)];
        rows.extend(compare_requests(plan, &what, clients, &ours, &peers)?);
    }
    Ok(rows)
}

/// A program against itself: how far a ratio is from 1 when there is no difference.
pub fn noise(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let what = "noise: echo_server against itself, 64-byte requests of 100 clients";
    compare_requests(plan, what, 100, &ours(), &[(&ours(), Told)])
}

/// Rows of requests and answers.
pub fn compare_requests(
    plan: &Plan,
    what: &str,
    clients: usize,
    ours: &Contender,
    peers: &[(&Contender, Target)],
) -> anyhow::Result<Vec<Row>> {
    match c_peer("echo_load") {
        Ok(load) => {
            let measure = |server: Server| requests(&load, &server, clients, plan.time);
            compare(plan, what, Unit::PerSecond, ours, peers, &measure)
        }
        Err(why) => Ok(vec![Row::skipped(what, &why)]),
    }
}

/// A client that sends all it can.
pub fn bulk_rows(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let (ours, c, python) = (ours(), in_c(), in_python());
    let what = "echo_server, bulk over one connection";
    let peers = [(&c, AtLeast(3.0)), (&python, Told)];
    let load = |server: Server| bulk(server.address, plan.time);
    compare(plan, what, Unit::GigabytesPerSecond, &ours, &peers, &load)
}

/// Clients that come, ask once, and go.
pub fn connections_rows(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let (ours, c, python) = (ours(), in_c(), in_python());
    let mut rows = Vec::new();
    for (at_once, target) in [(1, Told), (100, AtLeast(1.0))] {
        let what = format!("echo_server, connections with one request each, {at_once} at a time");
        let peers = [(&c, target), (&python, Told)];
        let load = |server: Server| connections(server.address, at_once, plan.time);
        rows.extend(compare(plan, &what, Unit::PerSecond, &ours, &peers, &load)?);
    }
    Ok(rows)
}

/// Clients that had one answer and stay.
pub fn memory_rows(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let (ours, c, python) = (ours(), in_c(), in_python());
    let what = "echo_server, resident memory of each of 1,000 held connections";
    let load = |server: Server| Ok(memory_of_held(&server, 1_000)?.resident);
    let peers = [(&c, Told), (&python, Told)];
    let mut rows = compare(plan, what, Unit::Kibibytes, &ours, &peers, &load)?;
    let most = if plan.quick { 1_000 } else { 10_000 };
    let what = format!("echo_server, resident memory of each of {most} held connections");
    if let Err(why) = &ours.program {
        return Ok(vec![Row::skipped(&what, why)]);
    }
    if most + 100 > open_files() {
        let why = format!("a process may open {} files only (ulimit -Hn)", open_files());
        rows.push(Row::skipped(&what, &why));
        return Ok(rows);
    }
    let (mut resident, mut page_tables) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds.min(5) {
        let memory = memory_of_held(&ours.start()?, most)?;
        resident.push(memory.resident);
        page_tables.push(memory.page_tables);
    }
    rows.push(Row::limited(&what, &resident, Some(12.0), Unit::Kibibytes));
    let what = format!("echo_server, page tables of each of {most} held connections");
    rows.push(Row::limited(&what, &page_tables, None, Unit::Kibibytes));
    Ok(rows)
}

/// Requests and answers of 64 bytes, a second. Every client has one request under way.
pub fn requests(
    load: &Path,
    server: &Server,
    clients: usize,
    time: Duration,
) -> anyhow::Result<f64> {
    let mut load = Command::new(load);
    load.arg(server.address.port().to_string());
    load.args([clients.to_string(), time.as_secs_f64().to_string()]);
    let output = load.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{load:?} failed");
    let answers = String::from_utf8_lossy(&output.stdout);
    answers.trim().parse().with_context(|| format!("{answers:?} is no number"))
}

/// Bytes a second, there and back, over one connection: one thread writes, one reads.
///
/// What comes back is thrown away by the kernel (MSG_TRUNC), because to copy it would take this core
/// as long as it takes the server to echo it, and then this would be measured.
pub fn bulk(server: SocketAddr, time: Duration) -> anyhow::Result<f64> {
    const MSG_TRUNC: i32 = 0x20;

    let mut writer = connect(server)?;
    let reader = Socket::from(writer.try_clone()?);
    let write = thread::spawn(move || -> io::Result<()> {
        let (piece, start) = (vec![b'b'; 256 * 1024], Instant::now());
        while start.elapsed() < time {
            writer.write_all(&piece)?;
        }
        writer.shutdown(Shutdown::Write)
    });
    let (mut piece, mut bytes, start) = (Vec::<u8>::with_capacity(1 << 20), 0, Instant::now());
    loop {
        match reader.recv_with_flags(piece.spare_capacity_mut(), MSG_TRUNC)? {
            0 => break,
            length => bytes += length,
        }
    }
    let elapsed = start.elapsed();
    write.join().map_err(|_| anyhow!("the thread that writes has panicked"))??;
    Ok(bytes as f64 / elapsed.as_secs_f64())
}

/// Connections a second: connect, one request, its answer, close. So many are under way at once.
pub fn connections(server: SocketAddr, at_once: usize, time: Duration) -> anyhow::Result<f64> {
    let (start, mut closed) = (Instant::now(), 0_u32);
    while start.elapsed() < time {
        let mut clients = Vec::new();
        for _ in 0..at_once {
            let mut client = TcpStream::connect(server)?;
            client.write_all(&MESSAGE)?;
            clients.push(client);
        }
        for mut client in clients {
            take_answer(&mut client)?;
            closed += 1;
        }
    }
    Ok(f64::from(closed) / start.elapsed().as_secs_f64())
}

/// Memory of one connection, in KiB.
struct Memory {
    resident: f64,
    page_tables: f64,
}

/// What so many clients cost the server, when each has had one answer and stays.
fn memory_of_held(server: &Server, connections: usize) -> anyhow::Result<Memory> {
    let now = || anyhow::Ok((server.kibibytes("VmRSS")?, server.kibibytes("VmPTE")?));
    let before = now()?;
    let mut clients = Vec::new();
    for _ in 0..connections {
        let mut client = connect(server.address)?;
        client.write_all(&MESSAGE)?;
        take_answer(&mut client)?;
        clients.push(client);
    }
    let after = now()?;
    let of_each = |before, after| (after - before) / connections as f64;
    Ok(Memory { resident: of_each(before.0, after.0), page_tables: of_each(before.1, after.1) })
}

fn connect(server: SocketAddr) -> anyhow::Result<TcpStream> {
    let client = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    client.set_read_timeout(Some(PATIENCE))?;
    client.set_write_timeout(Some(PATIENCE))?;
    Ok(client)
}

fn take_answer(client: &mut TcpStream) -> anyhow::Result<()> {
    let mut answer = [0; MESSAGE.len()];
    client.read_exact(&mut answer)?;
    ensure!(answer == MESSAGE, "the echo is not what was sent");
    Ok(())
}
