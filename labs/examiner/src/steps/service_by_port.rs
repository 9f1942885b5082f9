//! `service_by_port`: from a port to the name of its service, and back.

use crate::exam::program::Program;
use crate::exam::{Exam, Outcome, Scene, Way, must, not_told, should, wrong};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "service_by_port",
    arguments: &["{port}", "{protocol}"],
    port: 25,
    checks: &[
        must("tcp", 3, "The program prints the name of the service on a TCP port.", |scene| {
            service(scene, "tcp", 25)
        })
        .hints(NAME),
        must("udp", 2, "The program prints the name of the service on a UDP port.", |scene| {
            service(scene, "udp", 53)
        })
        .hints(NAME),
        must("default_ports", 1, "Without an argument it names 25/tcp and 53/udp.", default_ports)
            .hints(&[(Way::NotPrinted, DEFAULTS), (Way::ExitCode, DEFAULTS)]),
        must("by_name", 1, "Asked for a name, it prints the port of that service.", by_name)
            .hints(&[
                (Way::NotPrinted, "getservbyname() tells the port in network byte order: ntohs() before you print it."),
                (Way::Traceback, "What is no number is the name of a service: getservbyname()."),
                (Way::ExitCode, "What is no number is the name of a service: getservbyname()."),
            ]),
        must("unknown_port", 1, "A port without a service is an error: a sentence, exit code 1.", unknown_port)
            .fragile_if(&[Way::Traceback])
            .hints(&[
                (Way::Traceback, "Handle the answer that there is no such service: print one sentence."),
                (Way::ExitCode, "Where getnameinfo() answers with the number itself, there is no name."),
            ]),
        should("no_port_at_all", 1, "70000, which is no port, is an error: a sentence, exit code 1.", no_port_at_all)
            .needs(&["unknown_port"])
            .hints(&[
                (Way::Traceback, "Ports end at 65535: look at the number before you ask for its name."),
                (Way::ExitCode, "Ports end at 65535: 70000 must not become another port."),
            ]),
        should("no_services_file", 1, "Where the list of services is missing, it says that.", no_services_file)
            .needs(&["unknown_port"])
            .hints(&[(
                Way::NotPrinted,
                "Where a port has no name, look whether there is an /etc/services, and print it if not.",
            )]),
    ],
};

const NAME: &[(Way, &str)] = &[
    (Way::NotPrinted, "Ask the system: getservbyport(htons(port), protocol), or getnameinfo()."),
    (
        Way::Printed,
        "Pass the protocol on: a port can have one service over TCP and another over UDP.",
    ),
    (Way::ExitCode, "Ask the system for this port and protocol: getservbyport(), getnameinfo()."),
];

const DEFAULTS: &str = "Look up 25/tcp and 53/udp where the command line is empty.";

/// The service of a port over one protocol. Over the other one the port has another name, where the
/// program is told the protocol.
fn service(scene: &mut Scene, protocol: &'static str, default: u16) -> Outcome {
    let port = draw_port(scene, default);
    let (name, other_name) = (scene.word(9), scene.word(9));
    let (other, other_default) = if protocol == "tcp" { ("udp", 53) } else { ("tcp", 25) };
    let is_told = scene.takes("protocol");
    let other_port = if is_told { port } else { other_default };
    let list = [(name.clone(), port, protocol), (other_name.clone(), other_port, other)];
    let program = start(scene, &list, port.to_string(), protocol)?;
    program.succeeds()?;
    if is_told && program.stdout().text().contains(&other_name) {
        let sentence = format!(
            "Asked for {port}/{protocol}, the program printed {other_name}, which is {port}/{other}."
        );
        return Err(wrong(Way::Printed, sentence));
    }
    program.prints(&format!("the name of the service on port {port} of {protocol}"), &[&name])
}

fn default_ports(scene: &mut Scene) -> Outcome {
    scene.leave_out("port");
    scene.leave_out("protocol");
    let (mail, domain) = (scene.word(9), scene.word(9));
    let list = [(mail.clone(), 25, "tcp"), (domain.clone(), 53, "udp")];
    let program = start(scene, &list, String::new(), "")?;
    program.succeeds()?;
    program.prints("the names of 25/tcp and 53/udp", &[&mail, &domain])
}

fn by_name(scene: &mut Scene) -> Outcome {
    if !scene.takes("port") {
        return Err(not_told("port"));
    }
    scene.leave_out("protocol");
    let (name, port) = (scene.word(9), draw_port(scene, 0));
    let program = start(scene, &[(name.clone(), port, "tcp")], name, "")?;
    program.succeeds()?;
    let text = program.stdout().text();
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    if numbers.any(|number| number.parse() == Ok(port)) {
        return Ok(());
    }
    let sentence = format!("The program should print {port}, the port of the service.");
    Err(wrong(Way::NotPrinted, sentence))
}

fn unknown_port(scene: &mut Scene) -> Outcome {
    let port = draw_port(scene, 25);
    let program = with_another_service(scene, port)?;
    program.fails(&format!("where port {port} has no service"))
}

fn no_port_at_all(scene: &mut Scene) -> Outcome {
    if !scene.takes("port") {
        return Err(not_told("port"));
    }
    // 70000 - 65536: what becomes of it in 16 bits is a service.
    let list = [(scene.word(9), 4464, "tcp"), (scene.word(9), 4464, "udp")];
    let program = start(scene, &list, "70000".into(), "tcp")?;
    program.fails("where it was asked for port 70000")
}

/// What is printed without the list of services is to differ from what is printed of a port that is
/// not in the list.
fn no_services_file(scene: &mut Scene) -> Outcome {
    let port = draw_port(scene, 25);
    let mut said = Vec::new();
    for there_is_a_list in [true, false] {
        let program = if there_is_a_list {
            with_another_service(scene, port)?
        } else {
            scene.services(None)?;
            scene.transcript().notes("system", "has no /etc/services");
            scene.start()?
        };
        program.fails(&format!("where port {port} has no name"))?;
        said.push(program.printed());
    }
    if said[0] != said[1] {
        return Ok(());
    }
    let sentence = "Without a list of services the program says what it says with one.";
    Err(wrong(Way::NotPrinted, sentence))
}

/// Asks for a port that has no service, where the one above it has.
fn with_another_service(scene: &mut Scene, port: u16) -> Outcome<Program> {
    let list = [(scene.word(9), port + 1, "tcp"), (scene.word(9), port + 1, "udp")];
    start(scene, &list, port.to_string(), "tcp")
}

/// Starts the program on a machine with these services.
fn start(
    scene: &mut Scene,
    services: &[(String, u16, &str)],
    port: String,
    protocol: &str,
) -> Outcome<Program> {
    let lines: Vec<String> =
        services.iter().map(|(name, port, protocol)| format!("{name} {port}/{protocol}")).collect();
    scene.services(Some(&(lines.join("\n") + "\n")))?;
    scene.transcript().notes("system", format!("services: {}", lines.join(", ")));
    scene.give("port", port);
    scene.give("protocol", protocol);
    scene.start()
}

/// A port that nobody could guess, where the program is told one.
fn draw_port(scene: &mut Scene, default: u16) -> u16 {
    if scene.takes("port") { scene.number(1024, 50_000) as u16 } else { default }
}
