//! 24: a UDP server on 0.0.0.0 is asked at 127.0.0.2.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use crate::ask::{Outcome, Question, Sock, Stop, Trial, choice, value};

pub const ANSWER_FROM_ANOTHER_ADDRESS: Question = Question {
    step: "mandela",
    asks: "A UDP server is bound to 0.0.0.0, every address of its machine. A client connects its UDP \
           socket to 127.0.0.2, one of those addresses, and asks. What does its recv() get?",
    choices: &[
        choice(
            "The answer, from 127.0.0.2: it comes from where the question went.",
            &[("recvfrom() of an unconnected client", "from 127.0.0.2")],
        ),
        choice(
            "The answer, from 127.0.0.1.",
            &[
                ("recvfrom() of an unconnected client", "from 127.0.0.1"),
                ("recv() of a connected client", "ok"),
            ],
        ),
        choice(
            "ECONNREFUSED: nobody is bound to 127.0.0.2.",
            &[("recv() of a connected client", "ECONNREFUSED")],
        ),
        choice(
            "Nothing. The server answers, but from 127.0.0.1, and that is not the client's peer.",
            &[
                ("recvfrom() of an unconnected client", "from 127.0.0.1"),
                ("recv() of a connected client", "timed out"),
                ("the same, with a server bound to 127.0.0.2", "ok"),
            ],
        ),
    ],
    right: 'd',
    lanes: &["client", "server"],
    takes: "under a second: the client waits 0.3 seconds for an answer that does not come",
    experiment,
    explanation: &[
        "0.0.0.0 is no sender. When the server answers, the system picks a source address by the way that \
         leads to the client, and here that is 127.0.0.1. Nothing ties it to the address that the \
         question was sent to: for UDP there is no connection.",
        "A connected UDP socket takes datagrams of its one peer alone, address and port. The answer \
         comes from another address, so it is not for this socket. A client that is not connected \
         does get it, and sees an address that it never asked.",
        "It happens on machines with several addresses. The server can bind each address by itself, \
         or read the question's address (IP_PKTINFO) and answer from it.",
    ],
    elsewhere: "macOS has no 127.0.0.2 unless you add it: sudo ifconfig lo0 alias 127.0.0.2. The question \
                is the same there with any second address.",
};

const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

fn experiment(trial: &mut Trial) -> Outcome {
    if UdpSocket::bind((SECOND, 0)).is_err() {
        return Err(Stop::cannot_run("this machine has no second loopback address, 127.0.0.2"));
    }
    let port = trial.address(5005)?.port();
    let asked = SocketAddr::from((SECOND, port));
    let server = trial.udp("server")?;
    server.bind((Ipv4Addr::UNSPECIFIED, port).into())?;

    let client = trial.udp("client")?;
    client.send_to(b"who are you?", asked)?;
    answer(&server)?;
    let came = client.recv_from(1024).map(|(_, from)| from.ip());
    let from = came.as_ref().map_or_else(|_| value(&came), |ip| format!("from {ip}"));
    trial.fact("recvfrom() of an unconnected client", from);
    client.close();

    let mut client = trial.udp("client")?;
    client.timeout(Duration::from_millis(300))?;
    client.connect(asked)?;
    client.send(b"who are you?")?;
    answer(&server)?;
    trial.fact("recv() of a connected client", value(&client.recv(1024)));
    server.close();

    trial.note("The same client asks a server that is bound to 127.0.0.2.");
    let server = trial.udp("server")?;
    server.bind(asked)?;
    client.send(b"who are you?")?;
    answer(&server)?;
    trial.fact("the same, with a server bound to 127.0.0.2", value(&client.recv(1024)));
    Ok(())
}

/// What every UDP server does.
fn answer(server: &Sock) -> Outcome {
    let (_, client) = server.recv_from(1024)?;
    server.send_to(b"your server", client)?;
    Ok(())
}
