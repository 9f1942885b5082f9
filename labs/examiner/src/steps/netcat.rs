//! `netcat`: a keyboard and a screen for any socket.

use std::iter;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use socket_labs::socket_table::Protocol::Tcp;

use crate::exam::hexview::first_difference;
use crate::exam::mistakes::{NO_TIMEOUT, STRICT_DECODING};
use crate::exam::program::{At, Program, until};
use crate::exam::scene::{LOOPBACK, Server};
use crate::exam::tcp::Conn;
use crate::exam::transcript::count;
use crate::exam::udp::Peer;
use crate::exam::{Exam, Outcome, PATIENCE, Scene, Way, clients, must, servers, should, wrong};

/// How long a program is watched that must not end.
const WATCHED: Duration = Duration::from_millis(100);

/// The largest datagram over IPv4.
const LARGEST: usize = 65_507;

/// What is examined. The options of each check stand where `{options}` is, or in front of the other
/// words in braces.
pub const EXAM: Exam = Exam {
    step: "netcat",
    arguments: &["{options}", "--timeout", "{timeout}", "{host}", "{port}"],
    port: 8888,
    checks: &[
        must("connects", 1, "The program connects to the host and the port it is told.", |scene| {
            client(scene, At::Terminal, &[]).map(drop)
        })
        .hints(&[
            (Way::Ended, "Take the host and the port from the command line, and connect() to them."),
            (Way::Silent, "connect() first: a server may have something to say before you type."),
        ]),
        must("sends", 2, "A line that is typed reaches the server, line end included.", sends)
            .needs(&["connects"])
            .hints(&[
                (Way::Silent, "Send what read() brings at once: do not wait for the end of the input."),
                (Way::Missing, "Send the line with its line end, as read() brings it."),
                (Way::Different, "Send the bytes as they are; CR is for -C alone."),
            ]),
        must("shows", 2, "What the server answers is printed.", shows)
            .needs(&["sends"])
            .hints(&[(Way::NotPrinted, "Write what recv() brings to standard output.")]),
        must("both_at_once", 2, "Whoever speaks is heard: nobody has to wait for a turn.", both_at_once)
            .needs(&["shows"])
            .hints(&[
                (Way::NotPrinted, "One call cannot wait for the keyboard and the socket: use two threads, or poll()."),
                (Way::Silent, "One call cannot wait for the keyboard and the socket: use two threads, or poll()."),
            ]),
        must("fin_at_end_of_input", 2, "The end of the input sends FIN.", fin_at_end_of_input)
            .needs(&["sends"])
            .hints(&[
                (Way::NotClosed, "When read() brings nothing, shutdown() the sending side of the socket."),
            ]),
        must("goes_on_reading", 2, "After its FIN it shows what still comes, until the server closes.", goes_on_reading)
            .needs(&["fin_at_end_of_input", "shows"])
            .fragile_if(&[Way::ExitCode])
            .hints(&[
                (Way::Ended, "The end of the input ends your sending only: shutdown(SHUT_WR), and go on with recv()."),
                (Way::Reset, "The end of the input ends your sending only: shutdown(SHUT_WR), and go on with recv()."),
                (Way::StillRuns, "When recv() brings nothing, the server has closed: leave."),
            ]),
        must("leaves_when_the_server_closes", 2, "It ends when the server closes, whatever the keyboard does.", leaves)
            .needs(&["shows"])
            .fragile_if(&[Way::ExitCode, Way::Traceback])
            .hints(&[
                (Way::StillRuns, "When recv() brings nothing, end the program: a thread may still wait for the keyboard."),
                (Way::ExitCode, "That the server closed is no error: exit code 0."),
            ]),
        should("every_byte_is_sent", 1, "Input of all 256 byte values is sent as it is.", every_byte_is_sent)
            .needs(&["fin_at_end_of_input"])
            .hints(&[
                (Way::Different, "Read bytes, not text: not all input is UTF-8."),
                (Way::Missing, "Read bytes, not lines of text: the last line may have no end, and a byte may be 0."),
            ]),
        should("every_byte_is_shown", 1, "All 256 byte values are printed as they came.", every_byte_is_shown)
            .needs(&["shows", "goes_on_reading"])
            .finds(&STRICT_DECODING)
            .hints(&[
                (Way::Different, "Write the bytes as they are: do not decode them."),
                (Way::Missing, "A zero byte is a byte like any other: use the length that recv() tells."),
            ]),
        should("pieces_are_joined", 1, "An answer that comes in pieces is printed as one.", pieces_are_joined)
            .needs(&["shows", "goes_on_reading"])
            .hints(&[
                (Way::Different, "Print what each recv() brings and nothing between: a letter may come in two pieces."),
                (Way::Missing, "Go on with recv() until it brings nothing."),
            ]),
        should("eight_mebibytes", 2, "8 MiB go each way at the same time.", eight_mebibytes)
            .needs(&["goes_on_reading"])
            .hints(&[
                (Way::Missing, "Read the input to its end, and send all of it: send() may take only a part."),
                (Way::Different, "send() may take only a part of the bytes: use sendall()."),
                (Way::Silent, "Go on with recv() while you send: both sides may be full."),
            ]),
        should("waits_without_work", 1, "After the end of the input it waits without using the CPU.", waits_without_work)
            .needs(&["goes_on_reading"])
            .hints(&[(Way::Busy, "At its end the input stays readable: take it out of what poll() or select() watches.")]),
        should("reset", 1, "A connection that is reset is an error: a sentence, exit code 1.", reset)
            .needs(&["shows"])
            .hints(&[
                (Way::ExitCode, "ECONNRESET of recv() is not the end of the stream: tell it, and exit with 1."),
                (Way::StillRuns, "An error in one thread must end the program, not only the thread."),
            ]),
        should("refused", 1, "Where nobody listens it says so: a sentence, exit code 1.", refused)
            .needs(&["connects"]),
        should("unknown_name", 1, "A host that nobody knows is an error: a sentence, exit code 1.", unknown_name)
            .needs(&["connects"]),
        should("timeout", 1, "It does not wait for ever for a host that never answers.", timeout)
            .needs(&["connects"])
            .finds(&NO_TIMEOUT)
            .hints(&[(Way::StillRuns, "Give the socket a timeout before connect(): the system waits for two minutes.")]),
        should("several_addresses", 1, "Of a name with several addresses it tries one after the other.", several_addresses)
            .needs(&["connects"])
            .hints(&[(Way::Ended, "getaddrinfo() answers with a list: when one address refuses, try the next.")]),
        should("ipv6", 1, "A server at an IPv6 address is reached.", ipv6)
            .needs(&["connects"])
            .hints(&[(Way::Ended, "Take the address family from getaddrinfo(): not every address is AF_INET.")]),
        must("crlf", 2, "With -C a request typed by hand has the line ends of HTTP.", crlf)
            .needs(&["shows"])
            .hints(&[
                (Way::Different, "With -C send CR LF where the input has LF."),
                (Way::Missing, "With -C send CR LF where the input has LF, for empty lines too."),
            ]),
        must("listens", 2, "With -l it is the server, and talks with the first client.", listens)
            .needs(&["shows"])
            .hints(&[
                (Way::Ended, "With -l there is no connect(): bind(), listen() and accept()."),
                (Way::NotReady, "With -l: bind() to the port, listen(), accept()."),
            ]),
        must("listens_to_the_end", 1, "With -l the two ends of a conversation are as without it.", listens_to_the_end)
            .needs(&["listens", "goes_on_reading"])
            .fragile_if(&[Way::ExitCode])
            .hints(&[
                (Way::Ended, "The end of the input ends your sending only: shutdown(SHUT_WR), and go on with recv()."),
                (Way::NotClosed, "When the input ends, shutdown() the sending side of the accepted socket."),
            ]),
        should("port_taken", 1, "With -l and a port that is taken: a sentence, exit code 1.", |scene| {
            listen_with(scene, &["-l"]);
            servers::port_taken(scene, Tcp)
        })
        .needs(&["listens"]),
        must("udp_datagram_a_line", 2, "With -u each line that is typed is one datagram.", udp_datagram_a_line)
            .hints(&[
                (Way::Extra, "One read() may bring several lines: send each of them on its own."),
                (Way::Silent, "With -u the socket is SOCK_DGRAM: send each line when it is there."),
            ]),
        must("udp_shows", 1, "With -u the datagrams that come back are printed.", udp_shows)
            .needs(&["udp_datagram_a_line"])
            .hints(&[(Way::NotPrinted, "With -u too: recv() on the socket that sends, and print what it brings.")]),
        should("udp_largest", 1, "A datagram of 65,507 bytes is printed whole.", udp_largest)
            .needs(&["udp_shows"])
            .hints(&[(Way::Missing, "What does not fit the buffer of recv() is lost: make it 65,536 bytes.")]),
        should("udp_empty", 1, "An empty datagram is not the end.", udp_empty)
            .needs(&["udp_shows"])
            .hints(&[(Way::Ended, "UDP has no end of stream: recv() of 0 bytes is an empty datagram.")]),
        must("udp_listens", 1, "With -u and -l it talks with the first who sends something.", udp_listens)
            .needs(&["udp_shows", "listens"])
            .hints(&[
                (Way::Silent, "Keep the address that recvfrom() tells: what is typed goes there."),
                (Way::Ended, "With -u -l: bind() and recvfrom(); UDP has no listen() and no accept()."),
            ]),
    ],
};

// --- the program as a client

/// Starts it with these options and takes its connection.
fn client(scene: &mut Scene, at: At, options: &[&str]) -> Outcome<(Program, Conn)> {
    let address = clients::server_address(scene);
    client_of(scene, address, at, options)
}

fn client_of(
    scene: &mut Scene,
    address: SocketAddr,
    at: At,
    options: &[&str],
) -> Outcome<(Program, Conn)> {
    let door = scene.listen("server", address)?;
    scene.give_options(options);
    let program = scene.start_at(at)?;
    let server = door.accept(&program)?;
    Ok((program, server))
}

fn sends(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Terminal, &[])?;
    hears(scene, &program, &server)
}

/// A line is typed, and the server receives it.
fn hears(scene: &mut Scene, program: &Program, server: &Conn) -> Outcome {
    let line = scene.sentence();
    program.types(line.as_bytes())?;
    server.expect(format!("{line}\n").as_bytes())
}

fn shows(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Terminal, &[])?;
    program.types(scene.sentence().as_bytes())?;
    server.read(1024)?;
    says(scene, &program, &server)
}

/// The server says a line, and it is printed.
fn says(scene: &mut Scene, program: &Program, server: &Conn) -> Outcome {
    let line = scene.sentence();
    server.send(format!("{line}\n").as_bytes())?;
    program.prints("what the server says", &[&line])
}

fn both_at_once(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Terminal, &[])?;
    says(scene, &program, &server)?;
    says(scene, &program, &server)?;
    hears(scene, &program, &server)?;
    hears(scene, &program, &server)?;
    says(scene, &program, &server)
}

fn fin_at_end_of_input(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Terminal, &[])?;
    hears(scene, &program, &server)?;
    program.ends_input();
    receives_fin(&server)
}

fn receives_fin(conn: &Conn) -> Outcome {
    let sentence = format!("The input has ended, and the {} received no FIN.", conn.who());
    conn.expect_end().map_err(|trouble| trouble.or_rather(Way::NotClosed, Way::NotClosed, sentence))
}

fn goes_on_reading(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Terminal, &[])?;
    program.ends_input();
    ends_like_a_conversation(scene, &program, server)
}

/// The input has ended: FIN comes, the answer to it is shown, and then the program leaves.
fn ends_like_a_conversation(scene: &mut Scene, program: &Program, server: Conn) -> Outcome {
    receives_fin(&server)?;
    until(WATCHED, || program.ended());
    program.still_runs("with its input, and did not wait for the answer")?;
    says(scene, program, &server)?;
    server.close();
    program.succeeds()
}

fn leaves(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Terminal, &[])?;
    says(scene, &program, &server)?;
    server.close();
    program.succeeds()
}

fn every_byte_is_sent(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Pipes, &[])?;
    let all: Vec<u8> = (0..=255).collect();
    scene.transcript().notes("keyboard", "all 256 byte values");
    program.input(all.clone())?;
    program.ends_input();
    server.expect(&all)?;
    server.expect_end()
}

fn every_byte_is_shown(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Pipes, &[])?;
    let all: Vec<u8> = (0..=255).collect();
    server.send(&all)?;
    closes_and_printed(&program, server, &all)
}

fn pieces_are_joined(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Pipes, &[])?;
    let answer = format!("{} ñ€\n", scene.sentence());
    let (start, end) = answer.as_bytes().split_at(answer.len() - 6);
    server.send_in_pieces(iter::once(start).chain(end.chunks(1)))?;
    closes_and_printed(&program, server, answer.as_bytes())
}

/// The end of a conversation in which the server said this and nothing else.
fn closes_and_printed(program: &Program, server: Conn, expected: &[u8]) -> Outcome {
    server.close();
    program.ends_input();
    program.wait()?;
    printed_exactly(program, expected)
}

fn eight_mebibytes(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Pipes, &[])?;
    let there = scene.bytes(8 << 20);
    let back: Vec<u8> = there.iter().rev().copied().collect();
    scene.transcript().notes("keyboard", format!("{}, then the end", count(there.len(), "byte")));
    program.input(there.clone())?;
    program.ends_input();
    server.send_and_expect(&back, &there)?;
    server.expect_end()?;
    server.close();
    program.succeeds()?;
    printed_exactly(&program, &back)
}

/// Standard output, compared byte by byte.
fn printed_exactly(program: &Program, expected: &[u8]) -> Outcome {
    let came = program.stdout().bytes();
    let Some(at) = first_difference(expected, &came) else { return Ok(()) };
    let (way, what) = match (at == came.len(), at == expected.len()) {
        (true, _) => (Way::Missing, "The program printed a part of what came"),
        (_, true) => (Way::Extra, "The program printed more than came"),
        _ => (Way::Different, "The program printed other bytes than came"),
    };
    let sizes =
        format!("{} in place of {}", count(came.len(), "byte"), count(expected.len(), "byte"));
    Err(wrong(way, format!("{what}: {sizes}.")).with_bytes(expected, &came))
}

fn waits_without_work(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Pipes, &[])?;
    program.ends_input();
    server.expect_end()?;
    servers::uses_no_cpu(scene, &program)
}

fn reset(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Terminal, &[])?;
    server.reset();
    program.fails("where the server reset the connection")
}

fn refused(scene: &mut Scene) -> Outcome {
    let address = clients::server_address(scene);
    scene.give_options(&[]);
    scene.transcript().notes("system", format!("nobody listens on {address}"));
    scene.start()?.fails("where nobody listens")
}

fn unknown_name(scene: &mut Scene) -> Outcome {
    if !scene.takes("host") {
        return Ok(()); // it asks for no other name
    }
    let name = format!("{}.example", scene.word(8));
    scene.names(&[])?;
    scene.transcript().notes("system", format!("{name} has no address"));
    scene.give("host", name);
    scene.give_options(&[]);
    scene.start()?.fails("where the name of the host is not known")
}

fn timeout(scene: &mut Scene) -> Outcome {
    let address = clients::server_address(scene);
    let _silent = clients::never_answers(scene, address)?;
    clients::give_up_soon(scene);
    scene.give_options(&[]);
    clients::gives_up(&scene.start()?, "where the host never answers")
}

/// Only the last address of the name has a server. `localhost`, which a program asks that takes no
/// host, is such a name: nobody listens on ::1.
fn several_addresses(scene: &mut Scene) -> Outcome {
    if !scene.takes("host") {
        let address = SocketAddr::new(LOOPBACK.into(), scene.port());
        return client_of(scene, address, At::Terminal, &[]).map(drop);
    }
    let name = format!("{}.example", scene.word(8));
    let mut addresses: Vec<IpAddr> = (0..3).map(|_| scene.loopback_address().into()).collect();
    let names = |addresses: &[IpAddr]| addresses.iter().map(|ip| (*ip, name.clone())).collect();
    give_names(scene, names(&addresses))?;
    // The order in which getaddrinfo() tells them (RFC 6724), for those who do not ask it as well.
    addresses = (name.as_str(), 0).to_socket_addrs()?.map(|address| address.ip()).collect();
    addresses.dedup();
    give_names(scene, names(&addresses))?;
    let list: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    scene.transcript().notes("system", format!("{name} has {}", list.join(", ")));
    let last = addresses.last().copied().unwrap_or(LOOPBACK.into());
    scene.give("host", name);
    client_of(scene, SocketAddr::new(last, scene.port()), At::Terminal, &[]).map(drop)
}

fn give_names(scene: &mut Scene, names: Vec<(IpAddr, String)>) -> Outcome {
    let names: Vec<_> = names.iter().map(|(ip, name)| (*ip, name.as_str())).collect();
    scene.names(&names)
}

fn ipv6(scene: &mut Scene) -> Outcome {
    if !scene.takes("host") {
        return Ok(()); // it cannot be told another address
    }
    scene.needs_ipv6()?;
    let address = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), scene.port());
    scene.give("host", address.ip().to_string());
    client_of(scene, address, At::Terminal, &[]).map(drop)
}

fn crlf(scene: &mut Scene) -> Outcome {
    let (program, server) = client(scene, At::Terminal, &["-C"])?;
    let (path, host) = (scene.word(6), scene.word(8));
    for line in [format!("GET /{path} HTTP/1.1"), format!("Host: {host}.example"), String::new()] {
        program.types(line.as_bytes())?;
    }
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}.example\r\n\r\n");
    server.expect(request.as_bytes())?;
    let body = scene.sentence() + "\n";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    server.send((head + &body).as_bytes())?;
    program.prints("the response", &["200 OK", body.trim()])
}

// --- the program as a server

fn listen_with(scene: &mut Scene, options: &[&str]) {
    scene.leave_out("host");
    scene.give_options(options);
}

fn first_client(scene: &mut Scene) -> Outcome<(Program, Conn)> {
    listen_with(scene, &["-l"]);
    let server = scene.tcp_server()?;
    let client = scene.connect(&server)?;
    Ok((server.program, client))
}

fn listens(scene: &mut Scene) -> Outcome {
    let (program, client) = first_client(scene)?;
    hears(scene, &program, &client)?;
    let line = scene.sentence();
    client.send(format!("{line}\n").as_bytes())?;
    program.prints("what the client says", &[&line])
}

fn listens_to_the_end(scene: &mut Scene) -> Outcome {
    let (program, client) = first_client(scene)?;
    hears(scene, &program, &client)?;
    program.ends_input();
    ends_like_a_conversation(scene, &program, client)
}

// --- with datagrams

/// Starts it as a client of UDP. The examiner is at the address returned.
fn udp_client(scene: &mut Scene, at: At) -> Outcome<(Program, Peer)> {
    let address = clients::server_address(scene);
    let server = scene.udp_peer("server", address)?;
    scene.give_options(&["-u"]);
    Ok((scene.start_at(at)?, server))
}

/// Both lines are there at once: the input is a pipe, as that of a file would be.
fn udp_datagram_a_line(scene: &mut Scene) -> Outcome {
    // At a keyboard: what a pipe brings may be one datagram, whatever lines it has, as with nc.
    let (program, server) = udp_client(scene, At::Terminal)?;
    let lines = [scene.sentence(), scene.sentence()];
    lines.iter().try_for_each(|line| program.types(line.as_bytes()))?;
    lines.iter().try_for_each(|line| takes_line(&server, &program, line).map(drop))
}

/// The next datagram is this line, with or without its line end. Tells who sent it.
fn takes_line(server: &Peer, program: &Program, line: &str) -> Outcome<SocketAddr> {
    let (came, from) = server.receive_from(program)?;
    let end = if came.ends_with(b"\n") { "\n" } else { "" };
    server.compare(format!("{line}{end}").as_bytes(), &came)?;
    Ok(from)
}

/// A client of UDP that has sent a line, and its address.
fn known_udp_client(scene: &mut Scene) -> Outcome<(Program, Peer, SocketAddr)> {
    let (program, server) = udp_client(scene, At::Terminal)?;
    let line = scene.sentence();
    program.types(line.as_bytes())?;
    let from = takes_line(&server, &program, &line)?;
    Ok((program, server, from))
}

fn udp_shows(scene: &mut Scene) -> Outcome {
    let (program, server, from) = known_udp_client(scene)?;
    udp_says(scene, &program, &server, from)
}

fn udp_says(scene: &mut Scene, program: &Program, peer: &Peer, to: SocketAddr) -> Outcome {
    let line = scene.sentence();
    peer.send(format!("{line}\n").as_bytes(), to)?;
    program.prints("the datagram that came", &[&line])
}

fn udp_largest(scene: &mut Scene) -> Outcome {
    let (program, server, from) = known_udp_client(scene)?;
    let datagram = scene.word(LARGEST - 1) + "\n";
    server.send(datagram.as_bytes(), from)?;
    let last = &datagram.as_bytes()[LARGEST - 9..];
    program.stdout().wait_for(PATIENCE, |text| text.ends_with(last));
    printed_exactly(&program, datagram.as_bytes())
}

fn udp_empty(scene: &mut Scene) -> Outcome {
    let (program, server, from) = known_udp_client(scene)?;
    server.send(b"", from)?;
    until(WATCHED, || program.ended());
    program.still_runs("when an empty datagram came")?;
    udp_says(scene, &program, &server, from)
}

fn udp_listens(scene: &mut Scene) -> Outcome {
    listen_with(scene, &["-u", "-l"]);
    let Server { program, address } = scene.udp_server()?;
    let client = scene.udp_client()?;
    udp_says(scene, &program, &client, address)?;
    let line = scene.sentence();
    program.types(line.as_bytes())?;
    let from = takes_line(&client, &program, &line)?;
    if from == address {
        return Ok(());
    }
    let sentence = format!("The client asked {address}, and was answered from {from}.");
    Err(wrong(Way::WrongSource, sentence))
}
