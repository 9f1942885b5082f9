//! labs: the companion of the course. Alone, it prints the map.

mod catalogue;
mod map;

use clap::Parser;
use socket_labs::say;

/// Prints the map of the course: every lab, every step, and the command of each.
///
/// Example: cargo run
#[derive(Parser)]
#[command(name = "labs", version, verbatim_doc_comment)]
struct Args {}

fn main() {
    Args::parse();
    say!("{}", map::map().trim_end());
}
