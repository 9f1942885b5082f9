//! `resolve`: every address of a name.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::exam::program::Program;
use crate::exam::scene::with_a_large_octet;
use crate::exam::{Exam, Outcome, Scene, Way, must, should, wrong};

/// The name that is asked for where none is given.
const DEFAULT: &str = "www.google.com";

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "resolve",
    arguments: &["{name}"],
    port: 0,
    checks: &[
        must("address", 3, "The program prints the IP address of the name.", address).hints(&[(
            Way::NotPrinted,
            "Give the name to getaddrinfo() and print what it answers.",
        )]),
        must("default_name", 1, "Without a name it asks for www.google.com.", default_name)
            .hints(&[(Way::NotPrinted, DEFAULTS), (Way::ExitCode, DEFAULTS)]),
        must("every_address", 2, "Of a name with several addresses it prints all.", every_address)
            .needs(&["address"])
            .hints(&[(
                Way::Missing,
                "getaddrinfo() answers with a list: go through it, to its end.",
            )]),
        must(
            "one_line_each",
            1,
            "Each address has one line of its own, and no second one.",
            one_line_each,
        )
        .needs(&["every_address"])
        .hints(&[
            (Way::Extra, "getaddrinfo() lists an address once a socket type: print each once."),
            (Way::Different, "End the line behind each address."),
        ]),
        should("ipv6", 1, "The IPv6 addresses of a name are printed too.", ipv6)
            .needs(&["address"])
            .hints(&[(
                Way::Missing,
                "Ask for AF_UNSPEC: gethostbyname() and AF_INET know IPv4 alone.",
            )]),
        must(
            "unknown_name",
            1,
            "An unknown name is an error: a sentence, exit code 1.",
            unknown_name,
        )
        .fragile_if(&[Way::Traceback])
        .hints(&[(Way::Traceback, "Handle the error of the lookup, and print one sentence.")]),
    ],
};

const DEFAULTS: &str = "Take www.google.com where the command line has no name.";

fn address(scene: &mut Scene) -> Outcome {
    let name = draw_name(scene);
    let address = ipv4(scene);
    let program = run(scene, &name, &[address])?;
    program.prints("the address of the name", &[&address.to_string()])
}

fn default_name(scene: &mut Scene) -> Outcome {
    scene.leave_out("name");
    let address = ipv4(scene);
    let program = run(scene, DEFAULT, &[address])?;
    program.prints("the address of www.google.com", &[&address.to_string()])
}

fn every_address(scene: &mut Scene) -> Outcome {
    let name = draw_name(scene);
    let addresses = [ipv4(scene), ipv4(scene), ipv4(scene)];
    let program = run(scene, &name, &addresses)?;
    has_all(&program, &addresses)
}

/// The same address twice in the list of hosts, as happens: getaddrinfo() tells both.
fn one_line_each(scene: &mut Scene) -> Outcome {
    let name = draw_name(scene);
    let (first, second) = (ipv4(scene), ipv4(scene));
    let program = run(scene, &name, &[first, second, first])?;
    let text = program.stdout().text();
    let lines: Vec<Vec<IpAddr>> = text.lines().map(addresses_in).collect();
    if lines.iter().any(|line| line.contains(&first) && line.contains(&second)) {
        let sentence = format!("{first} and {second} are on one line.");
        return Err(wrong(Way::Different, sentence));
    }
    for address in [first, second] {
        let times = lines.iter().filter(|line| line.contains(&address)).count();
        if times > 1 {
            let sentence = format!("{address} is printed on {times} lines.");
            return Err(wrong(Way::Extra, sentence));
        }
    }
    has_all(&program, &[first, second])
}

fn ipv6(scene: &mut Scene) -> Outcome {
    scene.needs_ipv6()?;
    let name = draw_name(scene);
    let addresses = [ipv4(scene), ipv6_address(scene)];
    let program = run(scene, &name, &addresses)?;
    has_all(&program, &addresses)
}

fn unknown_name(scene: &mut Scene) -> Outcome {
    let name = draw_name(scene);
    start(scene, &name, &[])?.fails("where the name is not known")
}

/// Fails where standard output is without one of the addresses, in whatever form it is written.
fn has_all(program: &Program, addresses: &[IpAddr]) -> Outcome {
    let printed: BTreeSet<IpAddr> = addresses_in(&program.stdout().text()).into_iter().collect();
    let missing: Vec<String> = addresses
        .iter()
        .filter(|address| !printed.contains(address))
        .map(|address| address.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let sentence = format!("The name also has {}, and that is not printed.", missing.join(" and "));
    Err(wrong(Way::Missing, sentence))
}

/// Every address that stands in a text.
fn addresses_in(text: &str) -> Vec<IpAddr> {
    let words = text.split(|c: char| !c.is_ascii_hexdigit() && c != '.' && c != ':');
    words
        .filter_map(|word| {
            let trimmed = word.trim_matches(|c| c == '.' || c == ':');
            word.parse().ok().or_else(|| trimmed.parse().ok())
        })
        .collect()
}

/// Runs the program to its end, where this name has these addresses.
fn run(scene: &mut Scene, name: &str, addresses: &[IpAddr]) -> Outcome<Program> {
    let program = start(scene, name, addresses)?;
    program.succeeds()?;
    Ok(program)
}

fn start(scene: &mut Scene, name: &str, addresses: &[IpAddr]) -> Outcome<Program> {
    let name = if scene.takes("name") { name } else { DEFAULT };
    let names: Vec<_> = addresses.iter().map(|address| (*address, name)).collect();
    scene.names(&names)?;
    let mut list: Vec<String> = addresses.iter().map(|address| address.to_string()).collect();
    list.dedup();
    let list = if list.is_empty() { "no address".into() } else { list.join(", ") };
    scene.transcript().notes("system", format!("{name} has {list}"));
    scene.give("name", name);
    scene.start()
}

fn draw_name(scene: &mut Scene) -> String {
    format!("{}.{}.example", scene.word(4), scene.word(6))
}

fn ipv4(scene: &mut Scene) -> IpAddr {
    let mut byte = || scene.number(2, 250) as u8;
    with_a_large_octet(Ipv4Addr::new(10, byte(), byte(), byte())).into()
}

fn ipv6_address(scene: &mut Scene) -> IpAddr {
    let mut group = || scene.number(0x1000, 0xffff) as u16;
    Ipv6Addr::new(0x2001, 0xdb8, group(), group(), group(), group(), group(), group()).into()
}
