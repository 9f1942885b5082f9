//! What the stages of lab 5 share: a server that answers each client once.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::exam::scene::{LOOPBACK, Server};
use crate::exam::servers::{self, Exchange};
use crate::exam::tcp::Conn;
use crate::exam::{Outcome, Scene, Trouble, Way, wrong};

/// The port of the lab.
pub const PORT: u16 = 8888;

/// A short look at what should stay as it is.
const GLIMPSE: Duration = Duration::from_millis(100);

/// Whether a client of this machine reaches a server that is bound to this address, by `localhost` or
/// by the machine's name.
pub fn reaches(scene: &Scene, ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_unspecified()
        || [Some(LOOPBACK.into()), Some(Ipv6Addr::LOCALHOST.into()), scene.own_ip()]
            .contains(&Some(ip))
}

/// A server of stages 3 to 5: its name, and what is in front of each answer.
#[derive(Clone, Copy)]
pub struct Stage {
    /// What is in front of each answer.
    pub prefix: &'static str,
}

impl Stage {
    /// The answer to a message.
    pub fn answer(self, message: &[u8]) -> Vec<u8> {
        [self.prefix.as_bytes(), message].concat()
    }

    /// A client that says one sentence and gets its answer. The connection stays as it is.
    pub fn asks(self, scene: &mut Scene, server: &Server) -> Outcome<Conn> {
        let sentence = scene.sentence() + "\r\n";
        self.asks_with(scene, server, sentence.as_bytes())
    }

    /// The same with a message of one's own.
    pub fn asks_with(self, scene: &mut Scene, server: &Server, message: &[u8]) -> Outcome<Conn> {
        let client = scene.connect(server)?;
        client.send(message)?;
        client.expect(&self.answer(message))?;
        Ok(client)
    }

    /// A message without a line end is answered.
    pub fn answers_the_first_read(self, scene: &mut Scene) -> Outcome {
        let server = scene.tcp_server()?;
        let sentence = scene.sentence();
        self.asks_with(scene, &server, sentence.as_bytes()).map(drop)
    }

    /// All 256 byte values come back.
    pub fn every_byte_value(self, scene: &mut Scene) -> Outcome {
        let server = scene.tcp_server()?;
        // A line end comes last and nowhere else: it is one thing for whoever reads lines too.
        let all: Vec<u8> = (0..=255).rev().filter(|byte| *byte != b'\n').chain([b'\n']).collect();
        self.asks_with(scene, &server, &all).map(drop)
    }

    /// As much as one recv(1024) takes comes back whole.
    pub fn a_full_buffer(self, scene: &mut Scene) -> Outcome {
        let server = scene.tcp_server()?;
        let message = scene.word(1023) + "\n";
        self.asks_with(scene, &server, message.as_bytes()).map(drop)
    }

    /// Nothing comes before the client has sent something, and nothing but the answer after it.
    pub fn nothing_is_added(self, scene: &mut Scene) -> Outcome {
        let server = scene.tcp_server()?;
        let client = scene.connect(&server)?;
        client.expect_nothing(GLIMPSE)?;
        let sentence = scene.sentence() + "\n";
        client.send(sentence.as_bytes())?;
        client.expect(&self.answer(sentence.as_bytes()))?;
        nothing_more(&client)
    }

    /// The server closes after its answer, without waiting for the client.
    pub fn closes(self, scene: &mut Scene) -> Outcome {
        let server = scene.tcp_server()?;
        self.asks(scene, &server)?.expect_end()
    }
}

/// No byte more comes. Whether the stream ends is not asked.
pub fn nothing_more(client: &Conn) -> Outcome {
    match client.expect_nothing(GLIMPSE) {
        Err(Trouble::Wrong(finding)) if finding.way == Way::Early => {
            let (_, came) = finding.bytes.unwrap_or_default();
            let sentence = format!("After the answer to {}, more came.", client.who());
            Err(wrong(Way::Extra, sentence).with_bytes(b"", &came))
        }
        Err(Trouble::Wrong(finding)) if finding.way == Way::Closed => Ok(()),
        other => other,
    }
}

/// Where a server that ends by itself is asked: it is done with its one client, and its old
/// connection is in TIME_WAIT because it closed first.
pub fn restarts_after_its_client(scene: &mut Scene, exchange: Exchange) -> Outcome {
    let server = scene.tcp_server()?;
    exchange(scene, &server)?;
    server.program.wait()?;
    servers::starts_again_in_time_wait(scene, &server, exchange)
}

/// A program that serves one client may end in any orderly way when that client is gone: with
/// whatever exit code, and without showing its insides.
pub fn ends_in_order(server: &Server, after: &str) -> Outcome {
    let ended = server.program.wait().map_err(|trouble| {
        let sentence = format!("The program still runs {after}, and should have ended.");
        trouble.or_rather(Way::StillRuns, Way::StillRuns, sentence)
    })?;
    if crate::exam::output::is_traceback(&server.program.printed()) {
        let sentence = format!("The program showed a traceback {after}, in place of a sentence.");
        return Err(wrong(Way::Traceback, sentence));
    }
    match ended.code {
        Some(_) => Ok(()),
        None => {
            Err(wrong(Way::ExitCode, format!("The program was ended {after}: {}.", ended.words)))
        }
    }
}

/// The port of the scene, at loopback.
pub fn address(scene: &Scene) -> SocketAddr {
    SocketAddr::new(LOOPBACK.into(), scene.port())
}
