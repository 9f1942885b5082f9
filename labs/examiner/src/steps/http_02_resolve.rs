//! `http_02_resolve`: from the name of a web server to its IPv4 address.

use std::net::{IpAddr, Ipv6Addr};

use super::web;
use crate::exam::{Exam, Outcome, Scene, Trouble, Way, clients, must, should};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "http_02_resolve",
    arguments: &["{host}", "--timeout", "{timeout}"],
    port: 80,
    checks: &[
        must(
            "prints_the_address",
            4,
            "The program prints the IPv4 address of the name, and ends.",
            |scene| {
                let site = web::site(scene)?;
                prints(scene, site.address.ip())
            },
        )
        .hints(&[
            (
                Way::NotPrinted,
                "Ask with getaddrinfo() or gethostbyname(), and print the address that it returns.",
            ),
            (Way::Traceback, "The name has an address: look at the call that failed."),
        ]),
        must(
            "does_not_connect",
            1,
            "The program does not connect: that is the next stage.",
            does_not_connect,
        )
        .needs(&["prints_the_address"])
        .hints(&[(Way::TooMuch, "Leave connect() for http_03_connect.")]),
        should(
            "prefers_ipv4",
            1,
            "Of a name with both kinds of addresses, the IPv4 one is printed.",
            prefers_ipv4,
        )
        .needs(&["prints_the_address"])
        .hints(&[(
            Way::NotPrinted,
            "Ask getaddrinfo() for AF_INET: its first answer may be IPv6.",
        )]),
        should(
            "unknown_name",
            1,
            "A name that does not exist: a sentence, and exit code 1.",
            unknown_name,
        )
        .needs(&["prints_the_address"])
        .hints(web::ERRORS),
    ],
};

fn prints(scene: &mut Scene, ip: IpAddr) -> Outcome {
    let program = scene.start()?;
    program.succeeds()?;
    program.prints("the address of the name", &[&ip.to_string()])
}

fn does_not_connect(scene: &mut Scene) -> Outcome {
    let (_, door) = web::open(scene)?;
    let program = scene.start()?;
    web::has_no_caller(scene, &door, &program)
}

/// The C library answers with ::1 first where it is asked for both kinds. An IPv4 lookup may find
/// ::1 as 127.0.0.1, which is right too.
fn prefers_ipv4(scene: &mut Scene) -> Outcome {
    scene.needs_ipv6()?;
    let site = web::site(scene)?;
    let ip = site.address.ip();
    scene.names(&[(ip, &site.name), (Ipv6Addr::LOCALHOST.into(), &site.name)])?;
    scene.transcript().notes("system", format!("{} has the address ::1 too", site.name));
    let program = scene.start()?;
    program.succeeds()?;
    if program.stdout().text().contains("127.0.0.1") {
        return Ok(());
    }
    program.prints("the IPv4 address of the name", &[&ip.to_string()])
}

fn unknown_name(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    if !scene.is_private() {
        return Err(Trouble::NotHere("it takes a network without names".into()));
    }
    let name = format!("www.{}.example", scene.word(6));
    scene.give("host", name);
    scene.transcript().notes("system", "knows no name but localhost");
    let program = scene.start()?;
    program.fails_within(clients::longest_wait(scene), "where its name does not exist")
}
