//! The first build that a student waits for, against the packages alone that a program needs.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::Plan;
use crate::machine::{checkout, on_every_core, workplace};
use crate::table::Target::{AtMost, Told};
use crate::table::{Row, Unit};

/// The six packages with the features that the course uses, and nothing of ours.
const SIX: &str = r#"[package]
name = "six"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
adler = { package = "adler2", version = "2" }
anyhow = "1"
clap = { version = "4", features = ["derive"] }
dns-lookup = "4"
sntpc = { version = "0.11", features = ["std", "sync"] }
socket2 = { version = "0.6", features = ["all"] }
"#;

/// `cargo build --bin ntp_client` in an empty target folder, offline, on every core.
pub fn first_build(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let what = "first build of ntp_client";
    if !checkout().join("src/bin/ntp_client.rs").is_file() {
        return Ok(vec![Row::skipped(what, "there is no program ntp_client")]);
    }
    let six = workplace()?.join("six");
    fs::create_dir_all(six.join("src"))?;
    fs::write(six.join("Cargo.toml"), SIX)?;
    fs::write(six.join("src/main.rs"), "fn main() {}\n")?;
    let manifest = fs::read_to_string(checkout().join("Cargo.toml"))?;
    let profile = manifest.find("[profile.dev]").map_or("", |start| &manifest[start..]);
    let same = workplace()?.join("six-same-profile");
    fs::create_dir_all(same.join("src"))?;
    fs::write(same.join("Cargo.toml"), format!("{SIX}\n{profile}"))?;
    fs::write(same.join("src/main.rs"), "fn main() {}\n")?;
    for package in [&six, &same] {
        // The same versions: Cargo keeps what it needs of the lock file and forgets the rest.
        fs::copy(checkout().join("Cargo.lock"), package.join("Cargo.lock"))?;
    }
    let (mut ours, mut alone, mut alone_same) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.rounds.min(5) {
        ours.push(build(checkout(), &["--bin", "ntp_client"])?);
        alone.push(build(&six, &[])?);
        alone_same.push(build(&same, &[])?);
    }
    let unit = Unit::Seconds;
    Ok(vec![
        Row::compared(what, &ours, "the six packages alone", &alone, unit, AtMost(1.5)),
        Row::compared(what, &ours, "the same with our dev profile", &alone_same, unit, Told),
    ])
}

fn build(package: &Path, args: &[&str]) -> anyhow::Result<f64> {
    let target = workplace()?.join("first-build");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let mut cargo = on_every_core(Path::new("cargo"));
    cargo.args(["build", "--offline", "--quiet", "--target-dir"]).arg(&target).args(args);
    let start = Instant::now();
    let built = cargo.current_dir(package).status().context("cannot start cargo")?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(built.success(), "{cargo:?} failed in {}", package.display());
    fs::remove_dir_all(&target)?;
    Ok(seconds)
}
