//! The examiner's UDP socket. Every datagram that goes and comes is in the transcript.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use super::hexview::first_difference;
use super::program::{Program, Wait, until};
use super::tcp::{SLICE, capital, no_port};
use super::transcript::{Transcript, count};
use super::{Outcome, PATIENCE, Trouble, Way, wrong};

/// A UDP socket of the examiner's.
pub struct Peer {
    socket: UdpSocket,
    who: String,
    transcript: Transcript,
    picture: Option<Picture>,
}

/// What the ladder shows of a datagram in place of its bytes.
pub type Picture = fn(&[u8]) -> String;

impl Peer {
    /// A socket at this address.
    ///
    /// # Errors
    ///
    /// The examiner's own.
    pub fn bind(who: String, address: SocketAddr, transcript: &Transcript) -> Outcome<Peer> {
        let any = SocketAddr::new(address.ip(), 0);
        let socket = match UdpSocket::bind(address) {
            // A client's port was drawn; where it is taken, any other will do.
            Err(_) if who.starts_with("client") => {
                UdpSocket::bind(any).map_err(|_| no_port(&who))?
            }
            bound => bound?,
        };
        // Room for a burst of the largest datagrams.
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20);
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Peer { socket, who, transcript: transcript.clone(), picture: None })
    }

    /// The same socket; the ladder shows its datagrams in these words.
    pub fn shown_as(self, picture: Picture) -> Peer {
        Peer { picture: Some(picture), ..self }
    }

    /// The name that the ladder shows.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Its address.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The socket itself, for options.
    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Sends one datagram.
    ///
    /// # Errors
    ///
    /// The examiner's own.
    pub fn send(&self, datagram: &[u8], to: SocketAddr) -> Outcome {
        match self.picture {
            Some(picture) => self.transcript.sends_picture(&self.who, picture(datagram)),
            None => self.transcript.sends_datagram(&self.who, datagram),
        }
        match self.socket.send_to(datagram, to) {
            // What the system tells of an earlier datagram; this one is to go out all the same.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                self.socket.send_to(datagram, to)?;
            }
            sent => {
                sent?;
            }
        }
        Ok(())
    }

    /// Waits for one datagram, and tells who sent it.
    ///
    /// # Errors
    ///
    /// [`Way::Silent`].
    pub fn receive(&self) -> Outcome<(Vec<u8>, SocketAddr)> {
        let mut wait = Wait::of(PATIENCE);
        let came = loop {
            let came = self.receive_within(SLICE)?;
            if came.is_some() || wait.is_over() {
                break came;
            }
        };
        match came {
            Some(came) => Ok(came),
            None => {
                let wait = PATIENCE.as_secs();
                self.transcript.notes(&self.who, format!("waited {wait} s, and nothing came"));
                Err(wrong(
                    Way::Silent,
                    format!("{} waited, and no datagram came.", capital(&self.who)),
                ))
            }
        }
    }

    /// Waits for one datagram from the program, and notices when it ends in place of sending one.
    ///
    /// # Errors
    ///
    /// [`Way::Silent`], [`Way::Ended`].
    pub fn receive_from(&self, program: &Program) -> Outcome<(Vec<u8>, SocketAddr)> {
        let seen = until(PATIENCE, || {
            let has_ended = program.ended().is_some(); // asked first: it may send and end in between
            match self.receive_within(Duration::from_millis(2)) {
                Ok(Some(came)) => Some(Ok(came)),
                Ok(None) if has_ended => program.still_runs("and sent no datagram").err().map(Err),
                Ok(None) => None,
                Err(trouble) => Some(Err(trouble)),
            }
        });
        seen.unwrap_or_else(|| {
            self.transcript.notes(&self.who, "no datagram came");
            Err(wrong(Way::Silent, "The program sent no datagram in time."))
        })
    }

    /// Waits for one datagram, at most for so long.
    ///
    /// # Errors
    ///
    /// The examiner's own.
    pub fn receive_within(&self, time: Duration) -> Outcome<Option<(Vec<u8>, SocketAddr)>> {
        let mut buffer = vec![0; 65_536];
        self.socket.set_read_timeout(Some(time))?;
        loop {
            match self.socket.recv_from(&mut buffer) {
                Ok((length, from)) => {
                    buffer.truncate(length);
                    match self.picture {
                        Some(picture) => {
                            self.transcript.receives_picture(&self.who, picture(&buffer));
                        }
                        None => self.transcript.receives_datagram(&self.who, &buffer),
                    }
                    return Ok(Some((buffer, from)));
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return Ok(None);
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Interrupted
                            | ErrorKind::ConnectionRefused
                            | ErrorKind::ConnectionReset
                    ) => {}
                Err(error) => return Err(Trouble::from(error)),
            }
        }
    }

    /// Waits for one datagram and compares it, and the address it came from.
    ///
    /// # Errors
    ///
    /// [`Way::Silent`], [`Way::Different`], [`Way::Missing`], [`Way::Extra`], [`Way::WrongSource`].
    pub fn expect(&self, expected: &[u8], from: SocketAddr) -> Outcome {
        let (came, source) = self.receive()?;
        self.compare(expected, &came)?;
        if source != from {
            let sentence =
                format!("{} asked {from}, and was answered from {source}.", capital(&self.who));
            return Err(wrong(Way::WrongSource, sentence));
        }
        Ok(())
    }

    /// Compares a datagram with the one expected.
    ///
    /// # Errors
    ///
    /// [`Way::Different`]; [`Way::Missing`], where it is the beginning of it; [`Way::Extra`], where
    /// there is more behind it.
    pub fn compare(&self, expected: &[u8], came: &[u8]) -> Outcome {
        let Some(at) = first_difference(expected, came) else { return Ok(()) };
        let who = capital(&self.who);
        let (way, what) = match (at == came.len(), at == expected.len()) {
            (true, _) => (Way::Missing, "a part of the datagram expected"),
            (_, true) => (Way::Extra, "the datagram expected with more behind it"),
            _ => (Way::Different, "another datagram than expected"),
        };
        let sizes = sizes(expected, came);
        Err(wrong(way, format!("{who} received {what}: {sizes}.")).with_bytes(expected, came))
    }

    /// Expects that nothing comes for as long as this.
    ///
    /// # Errors
    ///
    /// [`Way::Extra`].
    pub fn expect_nothing(&self, time: Duration) -> Outcome {
        match self.receive_within(time)? {
            None => Ok(()),
            Some((came, from)) => {
                let who = capital(&self.who);
                let sentence = format!("{who} received one datagram too many, from {from}.");
                Err(wrong(Way::Extra, sentence).with_bytes(b"", &came))
            }
        }
    }

    /// Sends one datagram and is gone before an answer can come: the system refuses the answer
    /// (ICMP port unreachable).
    ///
    /// # Errors
    ///
    /// The examiner's own.
    pub fn send_and_leave(self, datagram: &[u8], to: SocketAddr) -> Outcome {
        if cfg!(target_os = "linux") {
            // A socket that is connected elsewhere takes nothing from the program, and may still
            // send to it: no race between the answer and the close.
            self.socket.connect((to.ip(), 9))?; // 9, discard
        }
        self.send(datagram, to)?;
        self.transcript.notes(&self.who, "is gone");
        Ok(())
    }
}

/// How many bytes came and how many were expected, in words.
pub fn sizes(expected: &[u8], came: &[u8]) -> String {
    match (count(came.len(), "byte"), count(expected.len(), "byte")) {
        (some, others) if some == others => format!("{some}, but not the same"),
        (some, others) => format!("{some} in place of {others}"),
    }
}
