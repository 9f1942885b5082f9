//! What a client makes of a bad answer, and of none.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use socket_labs::ntp::{CLIENT, HEADER, Packet, Timestamp, UNSYNCHRONIZED};

use super::printed::{NEAR, numbers};
use super::{Request, TimeServer, a_time, table};
use crate::exam::program::{Ended, Program};
use crate::exam::udp::Peer;
use crate::exam::{Outcome, Scene, Way, clients, wrong};

/// How long a client is waited for that has got its answers.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// So many requests of one client get a bad answer first; one that asks again after each is given a
/// good one in the end.
const BAD_ANSWERS: usize = 8;

/// An answer that is good but for what `spoil` does to it, and behind it a good one.
pub fn rejects(
    scene: &mut Scene,
    what: &str,
    spoil: impl FnOnce(&mut Scene, &mut Packet),
) -> Outcome {
    let story = BadAnswer::begin(scene, what)?;
    let mut packet = story.bad;
    spoil(scene, &mut packet);
    story.server_sends(scene, &packet.emit())
}

/// A kiss-o'-death: stratum 0 and four letters, which say why there is no time.
pub fn rejects_kiss(scene: &mut Scene, shows_code: bool) -> Outcome {
    let code = ["DENY", "RSTR", "RATE"][scene.number(0, 3) as usize];
    rejects(scene, "a kiss-o'-death", |_, packet| {
        packet.stratum = 0;
        packet.reference_id.copy_from_slice(code.as_bytes());
    })?;
    if !shows_code || scene.programs().iter().any(|program| program.printed().contains(code)) {
        return Ok(());
    }
    let sentence =
        format!("The program rejected the answer and did not show its kiss code, {code}.");
    Err(wrong(Way::NotPrinted, sentence))
}

/// An answer to another request: it differs in the origin's fraction alone.
pub fn rejects_origin(scene: &mut Scene) -> Outcome {
    let story = BadAnswer::begin(scene, "an answer to another request")?;
    let origin = Timestamp(story.bad.origin.0 ^ 1 << scene.number(16, 32));
    let bytes = Packet { origin, ..story.bad }.emit();
    let judged = story.server_sends(scene, &bytes);
    if story.request.packet.transmit != Timestamp::ZERO {
        return judged;
    }
    let sentence = "The program took an answer to another request. The transmit timestamp of its \
                    request is zero, as in anybody's: it cannot know better.";
    judged.map_err(|trouble| trouble.or_rather(Way::Accepted, Way::WrongField, sentence))
}

/// An answer that is cut one byte short.
pub fn rejects_short(scene: &mut Scene) -> Outcome {
    let story = BadAnswer::begin(scene, "an answer of 47 bytes")?;
    story.server_sends(scene, &story.bad.emit()[..HEADER - 1])
}

/// An answer from another port of the server's address.
pub fn rejects_source_port(scene: &mut Scene) -> Outcome {
    let story = BadAnswer::begin(scene, "an answer from another port")?;
    let port = scene.number(30_001, 32_000) as u16;
    story.stranger_sends(scene, SocketAddr::new(story.server.ip(), port))
}

/// An answer from another address, and the server's port.
pub fn rejects_source_address(scene: &mut Scene) -> Outcome {
    let story = BadAnswer::begin(scene, "an answer from another address")?;
    let ip = scene.loopback_address();
    story.stranger_sends(scene, SocketAddr::new(ip.into(), story.server.address.port()))
}

/// A client that gets a bad answer and then a good one.
struct BadAnswer {
    what: String,
    server: TimeServer,
    program: Program,
    request: Request,
    bad: Packet,
    good: Packet,
}

impl BadAnswer {
    fn begin(scene: &mut Scene, what: &str) -> Outcome<BadAnswer> {
        scene.give("timeout", "2");
        let server = TimeServer::open(scene)?;
        let (first, second) = (a_time(scene), a_time(scene));
        let program = scene.start()?;
        let request = server.asked(&program)?;
        let (bad, good) = (request.answer(2, first), request.answer(2, second));
        Ok(BadAnswer { what: what.into(), server, program, request, bad, good })
    }

    fn server_sends(&self, scene: &Scene, bad: &[u8]) -> Outcome {
        scene.transcript().notes("server", format!("sends {}", self.what));
        self.server.peer.send(bad, self.request.client)?;
        self.judge(scene, &self.server.peer, bad)
    }

    fn stranger_sends(&self, scene: &mut Scene, address: SocketAddr) -> Outcome {
        let stranger = scene.udp_peer("stranger", address)?;
        scene.transcript().notes("stranger", format!("sends {}, {address}", self.what));
        let bad = self.bad.emit();
        stranger.send(&bad, self.request.client)?;
        self.judge(scene, &stranger, &bad)
    }

    /// The bad answer to another request: its origin differs from that request's transmit timestamp as
    /// the first one did from its own.
    fn bad_for(&self, request: &Request, bad: &[u8]) -> Vec<u8> {
        let mut bad = bad.to_vec();
        let [first, this] = [&self.request, request].map(|request| request.packet.transmit.0);
        let changes = (first ^ this).to_be_bytes();
        for (byte, change) in bad.iter_mut().skip(24).zip(changes) {
            *byte ^= change;
        }
        bad
    }

    /// It may reject the bad answer and end with an error, or ignore it and take the good one. `from`
    /// sends the bad one to a client that asks again: each of its requests gets both.
    fn judge(&self, scene: &Scene, from: &Peer, bad: &[u8]) -> Outcome {
        // When answers were sent: what they tell stays the same, and so each makes another offset.
        let mut sent = vec![Timestamp::at(SystemTime::now())];
        scene.transcript().notes("server", "sends a good answer");
        self.server.answers(&self.request, &self.good)?;
        let after = format!("after {}", self.what);
        let mut left = BAD_ANSWERS;
        let again = |request: &Request| {
            left = left.saturating_sub(1);
            if left > 0 {
                from.send(&self.bad_for(request, bad), request.client)?;
            }
            sent.push(Timestamp::at(SystemTime::now()));
            let origin = request.packet.transmit;
            self.server.answers(request, &Packet { origin, ..self.good })
        };
        let ended = self.server.meanwhile(again, || wait(&self.program, &after))?;
        let numbers = numbers(&self.program.stdout().text());
        let took = |packet: &Packet| {
            let near =
                |number: &f64, at: &Timestamp| (number - packet.transmit.since(*at)).abs() < NEAR;
            numbers.iter().any(|number| sent.iter().any(|at| near(number, at)))
        };
        match (ended.code, took(&self.bad), took(&self.good)) {
            (Some(0), false, true) => Ok(()),
            (Some(0), true, _) => {
                let sentence = format!("The program took {}: it printed its offset.", self.what);
                let found = wrong(Way::Accepted, sentence);
                // Of an answer that is cut there are no fields to show.
                Err(if bad.len() < HEADER { found } else { found.with_fields(table(bad)) })
            }
            _ => failed(scene, &self.program, &ended, &after),
        }
    }
}

// --- no answer

/// A server that never answers.
pub fn silence(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let server = TimeServer::open(scene)?;
    let program = scene.start()?;
    server.asked(&program)?;
    gives_up(scene, &program, "when the server says nothing")
}

/// A server that never answers, while another port of its address does so again and again.
pub fn chatty_stranger(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let server = TimeServer::open(scene)?;
    let time = a_time(scene);
    let program = scene.start()?;
    let request = server.asked(&program)?;
    let answer = request.answer(2, time).emit();
    clients::chatty_stranger(scene, &program, request.client, server.ip(), &answer)
}

/// An address where no server is.
pub fn nobody_there(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let nobody = TimeServer::open(scene)?;
    let address = nobody.address;
    drop(nobody);
    scene.transcript().notes("examiner", format!("nobody is at {address}"));
    let program = scene.start()?;
    gives_up(scene, &program, "when nobody is at the server's port")
}

/// A name that nobody knows.
pub fn unknown_name(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let name = scene.word(8) + ".invalid";
    scene.give("host", name);
    scene.names(&[])?;
    let program = scene.start()?;
    gives_up(scene, &program, "when the server's name is not known")
}

fn gives_up(scene: &Scene, program: &Program, after: &str) -> Outcome {
    let ended = wait(program, after)?;
    failed(scene, program, &ended, after)
}

fn wait(program: &Program, after: &str) -> Outcome<Ended> {
    program.wait_at_most(LONGEST_WAIT).map_err(|trouble| {
        let sentence = format!("The program still runs {after}, and should have ended.");
        trouble.or_rather(Way::StillRuns, Way::StillRuns, sentence)
    })
}

/// It ended as a program should that has no time to show. The course's own clients go on with
/// their practice server, where no other server was named.
fn failed(scene: &Scene, program: &Program, ended: &Ended, after: &str) -> Outcome {
    let practises = program.stdout().text().contains("practice server");
    if ended.code == Some(0) && practises && !scene.takes("host") {
        return Ok(());
    }
    program.failed(ended, after)
}

/// A leap indicator of a clock that does not know the time.
pub fn not_synchronized(_: &mut Scene, packet: &mut Packet) {
    packet.leap = UNSYNCHRONIZED;
}

/// The stratum of a server that does not know the time.
pub fn stratum_16(_: &mut Scene, packet: &mut Packet) {
    packet.stratum = 16;
}

/// The transmit timestamp of a server that does not know the time.
pub fn no_time(_: &mut Scene, packet: &mut Packet) {
    packet.transmit = Timestamp::ZERO;
}

/// A mode that is no server's.
pub fn wrong_mode(scene: &mut Scene, packet: &mut Packet) {
    packet.mode = [1, 2, CLIENT, 5, 6, 7][scene.number(0, 6) as usize];
}
