//! 6 and 7: two instances of the same server.

use std::io;
use std::time::Duration;

use crate::ask::{Outcome, PATIENCE, Question, Sock, Trial, choice, value};

/// How long the experiments wait for what should never come.
const SHORT: Duration = Duration::from_millis(200);

pub const TWO_TCP_SERVERS: Question = Question {
    step: "tcp_server",
    asks: "The TCP server runs, and listens on port 12000. In another terminal you start it a second \
           time, with the same port. What happens? And if both set SO_REUSEADDR before bind()?",
    choices: &[
        choice(
            "Both run, and the clients go to the one and the other in turn.",
            &[("second bind()", "ok"), ("second listen()", "ok")],
        ),
        choice(
            "The second bind() fails: address in use. With SO_REUSEADDR both run.",
            &[("second bind()", "EADDRINUSE"), ("second bind(), SO_REUSEADDR on both", "ok")],
        ),
        choice(
            "The second bind() fails: address in use. With SO_REUSEADDR it fails too.",
            &[
                ("second bind()", "EADDRINUSE"),
                ("second bind(), SO_REUSEADDR on both", "EADDRINUSE"),
                ("the first still takes clients", "yes"),
            ],
        ),
        choice(
            "The second takes the port over; the first gets an error from accept().",
            &[("second bind()", "ok"), ("the first still takes clients", "no")],
        ),
    ],
    right: 'c',
    lanes: &["client", "first server", "second server"],
    takes: "",
    experiment: two_tcp,
    explanation: &[
        "While a TCP socket listens on an address, no other may have that address. Otherwise nobody \
         could say who gets the next client.",
        "SO_REUSEADDR is for something else: for the old connections of a server that has ended \
         (TIME_WAIT), so that it can be started again at once. It never shares a port that somebody \
         listens on. To share one on purpose there is SO_REUSEPORT, which both must set.",
    ],
    elsewhere: "macOS alike. On Windows SO_REUSEADDR does let a second server take a port in use, even a \
                stranger's; SO_EXCLUSIVEADDRUSE forbids it.",
};

fn two_tcp(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let first = trial.tcp("first server")?;
    first.bind(place)?;
    first.listen(10)?;
    let second = trial.tcp("second server")?;
    trial.fact("second bind()", value(&second.bind(place)));
    second.close();
    first.close();

    let first = trial.tcp("first server")?;
    first.reuse_address()?;
    first.bind(place)?;
    first.listen(10)?;
    let second = trial.tcp("second server")?;
    second.reuse_address()?;
    let bound = second.bind(place);
    trial.fact("second bind(), SO_REUSEADDR on both", value(&bound));
    second.close();

    let client = trial.tcp("client")?;
    client.connect(place)?;
    trial.fact("the first still takes clients", if first.accept().is_ok() { "yes" } else { "no" });
    Ok(())
}

pub const TWO_UDP_SERVERS: Question = Question {
    step: "udp_server",
    asks: "Two instances of the UDP server on port 12000. The second bind() fails: address in use. \
           Now both set an option before bind(), SO_REUSEADDR: \"the address may be in use, let me \
           have it all the same\". A client sends three datagrams. Who gets them?",
    choices: &[
        choice(
            "The first: it was there before. The second is a spare.",
            &[
                ("second bind(), SO_REUSEADDR on both", "ok"),
                ("datagrams to the first", "3"),
                ("datagrams to the second", "0"),
            ],
        ),
        choice(
            "The second: the one that was bound last gets all.",
            &[
                ("second bind()", "EADDRINUSE"),
                ("second bind(), SO_REUSEADDR on both", "ok"),
                ("datagrams to the first", "0"),
                ("datagrams to the second", "3"),
                ("after the second is closed, the first gets", "all"),
            ],
        ),
        choice(
            "Both: each gets a copy of all three.",
            &[("datagrams to the first", "3"), ("datagrams to the second", "3")],
        ),
        choice(
            "Nobody: bind() of the second fails all the same.",
            &[("second bind(), SO_REUSEADDR on both", "EADDRINUSE")],
        ),
    ],
    right: 'b',
    lanes: &["client", "first server", "second server"],
    takes: "",
    experiment: two_udp,
    explanation: &[
        "Without the option the second bind() fails, as with TCP: an address has one owner. With \
         SO_REUSEADDR on both, Linux lets two UDP sockets have the same address, and gives each \
         datagram to the one that was bound last.",
        "The first server is still there, in the socket table too, and hears nothing: a mistake that is \
         hard to find. The course's UDP servers do not set the option, so that you get an error \
         instead. Its real use is multicast, where every socket gets a copy.",
    ],
    elsewhere: "macOS refuses the second bind() even so, unless both set SO_REUSEPORT. On Windows it \
                succeeds, and which of the two gets a datagram is not defined.",
};

fn two_udp(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let first = trial.udp("first server")?;
    first.bind(place)?;
    let second = trial.udp("second server")?;
    trial.fact("second bind()", value(&second.bind(place)));
    second.close();
    first.close();

    let mut first = trial.udp("first server")?;
    first.reuse_address()?;
    first.bind(place)?;
    let mut second = trial.udp("second server")?;
    second.reuse_address()?;
    let bound = second.bind(place);
    trial.fact("second bind(), SO_REUSEADDR on both", value(&bound));
    trial.table(|row| row.local == place);
    let client = trial.udp("client")?;
    for datagram in [b"one", b"two", b"six"] {
        client.send_to(datagram, place)?;
    }
    // The second is asked first: it is waited for until all three are there, or the patience ends.
    let wait = if bound.is_ok() { PATIENCE } else { SHORT };
    let to_second = datagrams(&mut second, 3, wait)?;
    let to_first = datagrams(&mut first, 3 - to_second, SHORT)?;
    trial.fact("datagrams to the first", to_first);
    trial.fact("datagrams to the second", to_second);
    second.close();
    client.send_to(b"end", place)?;
    first.timeout(PATIENCE)?;
    let heard = first.recv_from(100);
    trial.fact(
        "after the second is closed, the first gets",
        if heard.is_ok() { "all" } else { "none" },
    );
    Ok(())
}

/// How many datagrams a server gets: it asks until it has so many, or none comes.
fn datagrams(server: &mut Sock, most: usize, wait: Duration) -> io::Result<usize> {
    server.timeout(wait)?;
    let mut count = 0;
    while count < most.max(1) && server.recv_from(100).is_ok() {
        count += 1;
    }
    Ok(count)
}
