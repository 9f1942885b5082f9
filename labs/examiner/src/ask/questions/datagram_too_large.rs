//! 15: a datagram of 65,508 bytes.

use super::connection::received;
use crate::ask::{Outcome, Question, Trial, choice, value};

pub const DATAGRAM_TOO_LARGE: Question = Question {
    step: "udp_echo_client",
    asks: "You send a datagram of 65,508 bytes over IPv4, to this same machine. What happens?",
    choices: &[
        choice(
            "sendto() fails with EMSGSIZE, and nothing is sent.",
            &[
                ("sendto() of 65,508 bytes", "EMSGSIZE"),
                ("sendto() of 65,507 bytes", "ok"),
                ("the first that arrives", "65,507 bytes"),
            ],
        ),
        choice("It arrives in two pieces, as two datagrams.", &[]),
        choice(
            "It arrives without its last byte.",
            &[("sendto() of 65,508 bytes", "ok"), ("the first that arrives", "65,507 bytes")],
        ),
        choice(
            "It arrives whole: a datagram has no largest size.",
            &[("sendto() of 65,508 bytes", "ok"), ("the first that arrives", "65,508 bytes")],
        ),
    ],
    right: 'a',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "An IPv4 packet has its length in 16 bits: 65,535 bytes at most. 20 of them are the IPv4 \
         header and 8 the UDP header. That leaves 65,507 for you. UDP never cuts a datagram in two.",
        "On a real network a packet carries about 1,500 bytes, so IPv4 cuts a large datagram into \
         fragments and puts them together at the other end. If one of them is lost, the whole datagram \
         is. That is why most protocols stay below about 1,400 bytes.",
    ],
    elsewhere: "Windows: the same, as WSAEMSGSIZE (10040). macOS refuses much earlier, above 9,216 \
                bytes: the limit is net.inet.udp.maxdgram.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(65432)?;
    let server = trial.udp("server")?;
    server.bind(place)?;
    let client = trial.udp("client")?;

    let refused = client.send_to(&[b'x'; 65_508], place);
    trial.fact("sendto() of 65,508 bytes", value(&refused));
    let taken = client.send_to(&[b'x'; 65_507], place);
    trial.fact("sendto() of 65,507 bytes", value(&taken));
    if refused.is_ok() || taken.is_ok() {
        let first = server.recv_from(65_535).map(|(bytes, _)| bytes);
        trial.fact("the first that arrives", received(&first));
    }
    Ok(())
}
