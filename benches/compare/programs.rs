//! From start to finish: what a student waits for when a small program is run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::Plan;
use crate::contest::{Contender, compare};
use crate::echo::{bulk, compare_requests, connections};
use crate::machine::{Server, c_peer, checkout, on_every_core, program, workplace};
use crate::table::Target::{AtMost, Told};
use crate::table::{Row, Unit, median};
use crate::udp::{ECHOES, GOOD, QUOTE, datagram, flooded, mandela_listener, udp_echo_server};

/// The clients, each against its server of this course, on loopback, beside an empty program.
pub fn start_to_finish(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let runs = if plan.quick { 10 } else { 60 };
    let empty = empty_program()?;
    let root = workplace()?.join("www");
    fs::create_dir_all(&root)?;
    fs::write(root.join("index.html"), "<h1>Hello</h1>\n")?;
    let root = root.to_string_lossy();
    let mut rows = Vec::new();
    for (client, server, args) in [
        ("udp_client", "udp_server", vec!["--port", "0"]),
        ("tcp_client", "tcp_server", vec!["--port", "0"]),
        ("http_get", "http_server", vec!["--port", "0", "--root", &root]),
    ] {
        let what = format!("{client}, start to finish");
        let (client, server) = match (program(client), program(server)) {
            (Ok(client), Ok(server)) => (client, server),
            (Err(why), _) | (_, Err(why)) => {
                rows.push(Row::skipped(&what, &why));
                continue;
            }
        };
        let server = Contender::new("server", Ok(server), &args).start()?;
        let args = asking(&server, &client);
        let (mut ours, mut nothing) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for _ in 0..runs {
                a.push(seconds_of(&client, &args)?);
                b.push(seconds_of(&empty, &[])?);
            }
            ours.push(median(&a));
            nothing.push(median(&b));
        }
        let (unit, target) = (Unit::Milliseconds, AtMost(1.5));
        rows.push(Row::compared(&what, &ours, "empty program", &nothing, unit, target));
    }
    Ok(rows)
}

fn asking(server: &Server, client: &Path) -> Vec<String> {
    let port = server.address.port().to_string();
    match client.ends_with("http_get") {
        true => vec![format!("http://127.0.0.1:{port}/index.html")],
        false => vec!["--port".into(), port, "a sentence in lower case".into()],
    }
}

fn seconds_of(program: &Path, args: &[String]) -> anyhow::Result<f64> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status()?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(status.success(), "{command:?} failed");
    Ok(seconds)
}

/// `fn main() {}`, compiled as Cargo compiles a program with `--release`.
fn empty_program() -> anyhow::Result<PathBuf> {
    let (source, program) = (workplace()?.join("empty.rs"), workplace()?.join("empty"));
    fs::write(&source, "fn main() {}\n")?;
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-C", "opt-level=3", "-C", "strip=debuginfo", "-o"]);
    ensure!(rustc.arg(&program).arg(&source).status()?.success(), "rustc failed");
    Ok(program)
}

/// What a student runs, built without `--release`, beside the release build.
pub fn dev_profile(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let target = workplace()?.join("dev");
    let names = ["echo_server", "udp_echo_server", "mandela"];
    let mut cargo = on_every_core(Path::new("cargo"));
    cargo.args(["build", "--offline", "--quiet", "--target-dir"]).arg(&target);
    cargo.args(names.iter().filter(|name| program(name).is_ok()).flat_map(|name| ["--bin", name]));
    let built = cargo.current_dir(checkout()).status().context("cannot start cargo")?;
    ensure!(built.success(), "{cargo:?} failed");
    let dev = |name| program(name).map(|_| target.join("debug").join(name));

    let echo = |name, program| Contender::new(name, program, &["--port", "0"]);
    let (ours, release) =
        (echo("dev", dev("echo_server")), echo("release", program("echo_server")));
    let what = "dev profile: echo_server, 64-byte requests of 100 clients";
    let mut rows = compare_requests(plan, what, 100, &ours, &[(&release, Told)])?;
    let mut row = |what: &str, unit, ours: &_, release: &_, load: &dyn Fn(Server) -> _| {
        let what = format!("dev profile: {what}");
        rows.extend(compare(plan, &what, unit, ours, &[(release, Told)], load)?);
        anyhow::Ok(())
    };
    row("echo_server, bulk", Unit::GigabytesPerSecond, &ours, &release, &|s| {
        bulk(s.address, plan.time)
    })?;
    row("echo_server, connections", Unit::PerSecond, &ours, &release, &|s| {
        connections(s.address, 100, plan.time)
    })?;
    let Ok(flood) = c_peer("udp_flood") else {
        return Ok(rows);
    };
    let (ours, release) = (
        udp_echo_server("dev", dev("udp_echo_server")),
        udp_echo_server("release", program("udp_echo_server")),
    );
    row("udp_echo_server, datagrams of 64 bytes", Unit::PerSecond, &ours, &release, &|s| {
        flooded(s, &flood, &[b'd'; 64], ECHOES, plan)
    })?;
    let (ours, release) =
        (mandela_listener("dev", dev("mandela")), mandela_listener("release", program("mandela")));
    for (size, quote) in [(79, QUOTE), (1_400, &"q".repeat(1_382))] {
        let what = format!("mandela, datagrams of {size} bytes");
        row(&what, Unit::PerSecond, &ours, &release, &|s| {
            flooded(s, &flood, &datagram(quote), GOOD, plan)
        })?;
    }
    Ok(rows)
}
