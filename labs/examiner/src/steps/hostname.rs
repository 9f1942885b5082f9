//! `hostname`: the name of this machine, and the address that goes with it.

use std::net::{IpAddr, Ipv4Addr};

use crate::exam::program::Program;
use crate::exam::scene::with_a_large_octet;
use crate::exam::{Exam, Outcome, Scene, Way, must, should, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "hostname",
    arguments: &[],
    port: 0,
    checks: &[
        must("name", 2, "The program prints the name of this machine.", name)
            .hints(&[(Way::NotPrinted, "Ask the system at run time: gethostname().")]),
        must("address", 2, "The program prints the IP address of that name.", address).hints(&[(
            Way::NotPrinted,
            "Resolve the name that gethostname() told: gethostbyname() or getaddrinfo().",
        )]),
        should("loopback", 1, "Of an address that is loopback only it says so.", loopback)
            .needs(&["address"])
            .hints(&[(
                Way::NotPrinted,
                "Addresses of 127.0.0.0/8 reach this machine alone: print a word about that.",
            )]),
        should("long_name", 1, "A name of 63 letters is printed whole.", long_name)
            .needs(&["name"])
            .hints(&[(
                Way::NotPrinted,
                "Linux allows 64 bytes, others 255: is your buffer as long?",
            )]),
        should(
            "no_address",
            1,
            "A name without an address is an error: a sentence, exit code 1.",
            no_address,
        )
        .needs(&["address"])
        .hints(&[(Way::Traceback, "Handle the error of the lookup, and print one sentence.")]),
    ],
};

fn name(scene: &mut Scene) -> Outcome {
    let (name, address) = (draw_name(scene), draw_address(scene));
    let program = run(scene, &name, Some(&address))?;
    program.prints("the name of this machine", &[&name])
}

fn address(scene: &mut Scene) -> Outcome {
    let (name, address) = (draw_name(scene), draw_address(scene));
    let program = run(scene, &name, Some(&address))?;
    program.prints("the address of this machine's name", &[&address])
}

/// Debian gives the name of a machine the address 127.0.1.1. What is printed of it is to differ, by
/// more than the address, from what is printed of one that others can reach.
fn loopback(scene: &mut Scene) -> Outcome {
    let (name, address) = (draw_name(scene), draw_address(scene));
    let mut said = Vec::new();
    for address in [&address, &address, "127.0.1.1"] {
        let program = run(scene, &name, Some(address))?;
        program.prints("the address of this machine's name", &[address])?;
        said.push(program.printed().replace(&name, "NAME").replace(address, "ADDRESS"));
    }
    if said[0] != said[1] {
        let sentence = format!("It says of {address} now one thing and now another.");
        return Err(wrong(Way::NotPrinted, sentence));
    }
    if said[0] != said[2] {
        return Ok(());
    }
    let sentence = format!("It says of 127.0.1.1 what it says of {address}, and nothing more.");
    Err(wrong(Way::NotPrinted, sentence))
}

fn long_name(scene: &mut Scene) -> Outcome {
    let (name, address) = (scene.word(63), draw_address(scene));
    let program = run(scene, &name, Some(&address))?;
    program.prints("the whole name", &[&name])
}

fn no_address(scene: &mut Scene) -> Outcome {
    let name = draw_name(scene);
    start(scene, &name, None)?.fails("where the name has no address")
}

/// Runs the program to its end on a machine of this name and address.
fn run(scene: &mut Scene, name: &str, address: Option<&str>) -> Outcome<Program> {
    let program = start(scene, name, address)?;
    program.succeeds()?;
    Ok(program)
}

fn start(scene: &mut Scene, name: &str, address: Option<&str>) -> Outcome<Program> {
    scene.host_name(name)?;
    let ip = address.and_then(|address| address.parse::<IpAddr>().ok());
    scene.names(&ip.map(|ip| vec![(ip, name)]).unwrap_or_default())?;
    let said = address.unwrap_or("no address");
    scene.transcript().notes("system", format!("is named {name}, which has {said}"));
    scene.start()
}

fn draw_name(scene: &mut Scene) -> String {
    format!("{}-{}", scene.word(5), scene.number(10, 100))
}

fn draw_address(scene: &mut Scene) -> String {
    let mut byte = || scene.number(2, 250) as u8;
    let ip = Ipv4Addr::new(10, byte(), byte(), byte());
    with_a_large_octet(ip).to_string()
}
