//! 4, 5 and 8: UDP and TCP on ports of the same number.

use std::time::Duration;

use crate::ask::{Outcome, Question, Trial, choice, value};

/// How long the experiments wait for what should never come.
const SHORT: Duration = Duration::from_millis(300);

pub const UDP_CLIENT_TO_TCP_SERVER: Question = Question {
    step: "tcp_server",
    asks: "The TCP server runs on port 12000. No UDP server does. You start the UDP client, which \
           sends its sentence to port 12000. What happens?",
    choices: &[
        choice(
            "As if no server were there at all: nobody gets the datagram.",
            &[
                ("sendto()", "ok"),
                ("recvfrom() of the client", "timed out"),
                ("accept() of the TCP server", "timed out"),
                ("a connected UDP socket is told", "ECONNREFUSED"),
            ],
        ),
        choice(
            "The TCP server's accept() returns, and recv() gives the sentence.",
            &[("accept() of the TCP server", "ok")],
        ),
        choice(
            "sendto() fails: the port is in use by another protocol.",
            &[("sendto()", "EADDRINUSE")],
        ),
        choice(
            "The TCP server answers, and the client prints the sentence in upper case.",
            &[("recvfrom() of the client", "ok")],
        ),
    ],
    right: 'a',
    lanes: &["UDP client", "TCP server"],
    takes: "less than a second: two waits for what never comes",
    experiment: udp_to_tcp,
    explanation: &[
        "TCP and UDP each have ports of their own, 65,535 of them. \"TCP port 12000\" and \"UDP port \
         12000\" have nothing but the number in common. The field \"protocol\" of the IP packet says \
         who gets it, before anybody looks at a port.",
        "So the datagram meets an empty UDP port: it is lost, the client waits, and a connected UDP \
         socket gets ECONNREFUSED. The TCP server notices nothing.",
    ],
    elsewhere: "macOS alike. On Windows the unconnected client's recvfrom() may fail with \
                WSAECONNRESET.",
};

fn udp_to_tcp(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let mut server = trial.tcp("TCP server")?;
    server.bind(place)?;
    server.listen(1)?;

    let mut client = trial.udp("UDP client")?;
    client.timeout(SHORT)?;
    trial.fact("sendto()", value(&client.send_to(b"hello", place)));
    trial.fact("recvfrom() of the client", value(&client.recv_from(2048)));
    server.timeout(SHORT)?;
    trial.fact("accept() of the TCP server", value(&server.accept()));

    let connected = trial.udp("UDP client")?;
    connected.connect(place)?;
    connected.send(b"hello")?;
    trial.fact("a connected UDP socket is told", value(&connected.recv(2048)));
    Ok(())
}

pub const TCP_CLIENT_TO_UDP_SERVER: Question = Question {
    step: "udp_server",
    asks: "Now the other way round: the UDP server runs on port 12000, no TCP server does. You start \
           the TCP client. What happens?",
    choices: &[
        choice(
            "connect() succeeds: a server is there. Only the answer never comes.",
            &[("connect()", "ok")],
        ),
        choice(
            "connect() waits until its timeout: the UDP server does not know how to answer.",
            &[("connect()", "timed out")],
        ),
        choice(
            "connect() fails at once: connection refused. The UDP server notices nothing.",
            &[
                ("connect()", "ECONNREFUSED"),
                ("recvfrom() of the UDP server", "timed out"),
                ("asked by UDP, it still answers", "yes"),
            ],
        ),
        choice(
            "The UDP server gets a strange datagram, the SYN, and prints it.",
            &[("recvfrom() of the UDP server", "ok")],
        ),
    ],
    right: 'c',
    lanes: &["client", "UDP server"],
    takes: "",
    experiment: tcp_to_udp,
    explanation: &[
        "The SYN looks for a TCP socket that listens on port 12000. There is none, so the answer is RST, \
         as with no server at all. UDP sockets are not even looked at.",
        "The two refusals differ: TCP refuses with RST, which is a part of TCP; for UDP the system \
         sends an ICMP message. To the program both are ECONNREFUSED.",
    ],
    elsewhere: "macOS alike; Windows refuses after about two seconds.",
};

fn tcp_to_udp(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let mut server = trial.udp("UDP server")?;
    server.bind(place)?;
    let client = trial.tcp("client")?;
    trial.fact("connect()", value(&client.connect(place)));
    client.close();
    server.timeout(SHORT)?;
    trial.fact("recvfrom() of the UDP server", value(&server.recv_from(2048)));

    server.timeout(crate::ask::PATIENCE)?;
    let client = trial.udp("client")?;
    client.send_to(b"hello", place)?;
    let (sentence, from) = server.recv_from(2048)?;
    server.send_to(&sentence.to_ascii_uppercase(), from)?;
    let (answer, _) = client.recv_from(2048)?;
    trial.fact("asked by UDP, it still answers", if answer == b"HELLO" { "yes" } else { "no" });
    Ok(())
}

pub const BOTH_ON_ONE_PORT: Question = Question {
    step: "tcp_server",
    asks: "Can the TCP server and the UDP server both run at the same time, with the same address and \
           the same port number?",
    choices: &[
        choice(
            "No: bind() of the one started second fails, the address is in use.",
            &[("bind() of the UDP server", "EADDRINUSE")],
        ),
        choice(
            "Yes: both bind, and each gets what is sent with its own protocol.",
            &[
                ("bind() of the TCP server", "ok"),
                ("bind() of the UDP server", "ok"),
                ("answer over TCP", "from the TCP server"),
                ("answer over UDP", "from the UDP server"),
            ],
        ),
        choice(
            "Both bind, but TCP comes first: the UDP server gets nothing.",
            &[("bind() of the UDP server", "ok"), ("answer over UDP", "none")],
        ),
    ],
    right: 'b',
    lanes: &["client", "TCP server", "UDP server"],
    takes: "",
    experiment: both,
    explanation: &[
        "A socket's address is protocol, IP address and port, all three. These two differ in the \
         protocol, so they do not meet. DNS does this every day: port 53 of UDP and port 53 of TCP.",
        "In the socket table the two stand side by side. Only the TCP socket has a state: UDP has \
         no connection, so there is nothing to be in a state of.",
    ],
    elsewhere: "The same on macOS and Windows.",
};

fn both(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let tcp = trial.tcp("TCP server")?;
    let bound = tcp.bind(place);
    trial.fact("bind() of the TCP server", value(&bound));
    tcp.listen(1)?;
    let udp = trial.udp("UDP server")?;
    let bound = udp.bind(place);
    trial.fact("bind() of the UDP server", value(&bound));
    trial.table(|row| row.local == place);

    let client = trial.tcp("client")?;
    client.connect(place)?;
    let (connection, _) = tcp.accept()?;
    connection.send(b"from TCP")?;
    let over_tcp = client.recv(100)?;
    let client = trial.udp("client")?;
    client.send_to(b"hello", place)?;
    let (_, from) = udp.recv_from(100)?;
    udp.send_to(b"from UDP", from)?;
    let (over_udp, _) = client.recv_from(100)?;
    let who = |answer: &[u8]| match answer {
        b"from TCP" => "from the TCP server",
        b"from UDP" => "from the UDP server",
        _ => "none",
    };
    trial.fact("answer over TCP", who(&over_tcp));
    trial.fact("answer over UDP", who(&over_udp));
    Ok(())
}
