//! The examiner's end of a TCP connection. Every byte that goes and comes is in the transcript.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket_labs::error::is_timeout;
use socket_labs::socket_table::{Protocol, read_some};
use socket2::{Domain, Socket, Type};

use super::calls::{Call, Calls};
use super::hexview::first_difference;
use super::program::{Program, Wait, until};
use super::transcript::{Transcript, count, grouped};
use super::{Outcome, PATIENCE, Trouble, Way, processes, wrong};

/// One slice of a longer wait.
pub const SLICE: Duration = Duration::from_millis(10);

/// Buffers that have taken nothing for so long are full: the program may be about to read more.
const FULL: Duration = Duration::from_millis(100);

/// Whether the program does nothing. On a loaded machine one that moves nothing may only be slow: the
/// buffers are full when it rests too.
fn rests() -> bool {
    processes::usage(&processes::descendants()).is_none_or(|now| now.running == 0)
}

/// How long bytes are on their way within one machine, at most.
const ARRIVAL: Duration = Duration::from_millis(3);

/// The receive buffer of a client that does not read. It would grow by itself to several MB, and
/// take so much that the program never notices.
const SMALL: usize = 200 * 1024;

/// A look at a stream in which nothing more should come.
const GLIMPSE: Duration = Duration::from_millis(200);

/// The longest that one answer may take, however it comes: a byte a second is no answer.
const LONGEST: Duration = Duration::from_secs(30);

/// One connection.
pub struct Conn {
    stream: TcpStream,
    who: String,
    transcript: Transcript,
    finished: AtomicBool,
}

impl Conn {
    /// Connects from one address to another.
    ///
    /// # Errors
    ///
    /// [`Way::Refused`], [`Way::Waits`], [`Way::Reset`].
    pub fn connect(
        who: String,
        from: SocketAddr,
        to: SocketAddr,
        transcript: &Transcript,
    ) -> Outcome<Conn> {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
        socket.set_reuse_address(cfg!(unix))?;
        // The port was drawn; where it is taken, any other will do.
        let any = SocketAddr::new(from.ip(), 0);
        if socket.bind(&from.into()).is_err() && socket.bind(&any.into()).is_err() {
            return Err(no_port(&who));
        }
        transcript.does(&who, "connect");
        if let Err(error) = socket.connect_timeout(&to.into(), PATIENCE) {
            return Err(match error.kind() {
                ErrorKind::ConnectionRefused => {
                    transcript.sees(&who, "refused (RST)");
                    wrong(Way::Refused, format!("The connection to {to} was refused."))
                }
                ErrorKind::ConnectionReset => {
                    transcript.sees(&who, "RST");
                    wrong(Way::Reset, format!("The connection to {to} was reset at once."))
                }
                ErrorKind::TimedOut => {
                    transcript.notes(&who, "is not connected in time");
                    let sentence = format!(
                        "The connection of {who} was not made in time: those before it fill the queue \
                         that accept() empties."
                    );
                    wrong(Way::Waits, sentence)
                }
                ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => no_port(&who),
                _ => error.into(),
            });
        }
        Conn::new(socket.into(), who, transcript)
    }

    fn new(stream: TcpStream, who: String, transcript: &Transcript) -> Outcome<Conn> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?; // each piece is a segment of its own
        stream.set_read_timeout(Some(SLICE))?;
        // On Windows nobody may use a socket whose send() has timed out.
        stream.set_write_timeout(Some(if cfg!(windows) { PATIENCE } else { SLICE }))?;
        let finished = AtomicBool::new(false);
        Ok(Conn { stream, who, transcript: transcript.clone(), finished })
    }

    /// The name that the ladder shows.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// The examiner's address and port.
    pub fn local(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }

    /// The program's address and port.
    pub fn peer(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }

    /// The socket itself, for options.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    // --- to the program

    /// Sends bytes, all of them.
    ///
    /// # Errors
    ///
    /// [`Way::Reset`]; [`Way::Silent`], where the program does not take them.
    pub fn send(&self, bytes: &[u8]) -> Outcome {
        self.transcript.sends(&self.who, bytes);
        write_all(&self.stream, bytes, || false).map_err(|error| self.cannot_send(&error))
    }

    fn cannot_send(&self, error: &io::Error) -> Trouble {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                self.transcript.notes(&self.who, "cannot send more: the program does not read");
                wrong(Way::Silent, format!("The program does not read what {} sends.", self.who))
            }
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
                self.transcript.sees(&self.who, "RST");
                let sentence =
                    format!("The connection of {} was reset while it was sending.", self.who);
                wrong(Way::Reset, sentence)
            }
            _ => Trouble::Examiner(format!("cannot send: {error}")),
        }
    }

    /// Sends piece after piece. Each waits until the program has read the one before, so that it
    /// really comes alone.
    ///
    /// # Errors
    ///
    /// As [`Conn::send`].
    pub fn send_in_pieces<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
        for piece in pieces {
            self.send(piece)?;
            self.is_read()?;
        }
        Ok(())
    }

    /// Waits until the program has read all that was sent: its receive queue is empty. Where the
    /// system does not tell, this returns at once.
    ///
    /// # Errors
    ///
    /// [`Way::Silent`], where it does not read.
    pub fn is_read(&self) -> Outcome {
        if !cfg!(target_os = "linux") {
            return Ok(());
        }
        let (here, there) = match (self.local(), self.peer()) {
            (Ok(here), Ok(there)) => (here, there),
            _ => return Ok(()), // it has been reset: what is read next will tell
        };
        let started = Instant::now();
        let empty = || {
            let rows = read_some(|row| {
                row.protocol == Protocol::Tcp
                    && ((row.local.port() == there.port() && row.remote == Some(here))
                        || (row.local == here && row.remote == Some(there))
                        || row.remote.is_none())
            });
            let queued = |row: &socket_labs::socket_table::Row| match row.local == here {
                // What is acknowledged has arrived. But a program that does not answer may delay
                // that by 40 ms, and on this machine bytes arrive at once.
                true if started.elapsed() > ARRIVAL => 0,
                true => row.send_queue.unwrap_or(0),
                false => row.receive_queue.unwrap_or(0),
            };
            let rows = rows.unwrap_or_default();
            rows.iter().all(|row| queued(row) == 0).then_some(())
        };
        until(PATIENCE, empty).ok_or_else(|| {
            self.transcript.notes(&self.who, "its bytes stay unread");
            wrong(Way::Silent, format!("The program does not read what {} sent.", self.who))
        })
    }

    /// Sends until nothing more is taken, because the program waits for us to read: the buffers of
    /// both sides are full. Tells how many bytes were taken.
    ///
    /// # Errors
    ///
    /// [`Way::Reset`].
    pub fn send_until_full(&self, bytes: &[u8]) -> Outcome<usize> {
        socket2::SockRef::from(&self.stream).set_recv_buffer_size(SMALL)?;
        self.stream.set_nonblocking(true)?;
        let mut taken = 0;
        let progress = |taken: &mut usize| -> Outcome<bool> {
            match (&self.stream).write(&bytes[*taken..]) {
                Ok(length) => *taken += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(self.cannot_send(&error)),
            }
            Ok(true)
        };
        let mut outcome = Ok(());
        let mut patience = 50;
        while taken < bytes.len() {
            let moved = until(FULL, || match progress(&mut taken) {
                Ok(true) => Some(Ok(())),
                Ok(false) => None,
                Err(trouble) => Some(Err(trouble)),
            });
            match moved {
                Some(Ok(())) => {}
                Some(Err(trouble)) => {
                    outcome = Err(trouble);
                    break;
                }
                None if rests() || patience == 0 => break,
                None => patience -= 1,
            }
        }
        // The last bytes may all be in the buffers before the program has come to a stop.
        let mut at_rest = 0;
        until(PATIENCE, || {
            at_rest = if rests() { at_rest + 1 } else { 0 };
            (at_rest == 8).then_some(())
        });
        self.stream.set_nonblocking(false)?;
        // How much the buffers hold differs from run to run: the story does not tell it.
        self.transcript.notes(&self.who, "sends until nothing more is taken, and does not read");
        outcome.map(|()| taken)
    }

    /// Sends FIN, once: nothing more comes from here.
    pub fn finish(&self) {
        if self.finished.swap(true, Ordering::Relaxed) {
            return;
        }
        self.transcript.does(&self.who, "FIN");
        let _ = self.stream.shutdown(Shutdown::Write); // it may be closed already
    }

    /// Closes. Where there is something that nobody has read, the system sends RST.
    pub fn close(self) {
        let is_unread = self.peek() == Some(1);
        self.transcript
            .does(&self.who, if is_unread { "close, with bytes unread: RST" } else { "close" });
    }

    /// Closes with a reset: SO_LINGER 0.
    pub fn reset(self) {
        self.transcript.does(&self.who, "RST");
        let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }

    // --- from the program

    /// Reads once, at most so many bytes. `Ok` of no bytes is the end of the stream.
    ///
    /// # Errors
    ///
    /// [`Way::Silent`], [`Way::Reset`].
    pub fn read(&self, most: usize) -> Outcome<Vec<u8>> {
        let mut buffer = vec![0; most];
        let mut wait = Wait::of(PATIENCE);
        let length = loop {
            match (&self.stream).read(&mut buffer) {
                Ok(length) => break length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_timeout(error.kind()) && !wait.is_over() => {}
                Err(error) => return Err(self.cannot_receive(&error)),
            }
        };
        buffer.truncate(length);
        if length == 0 {
            self.transcript.sees(&self.who, "FIN");
        } else {
            self.transcript.receives(&self.who, &buffer);
        }
        Ok(buffer)
    }

    fn cannot_receive(&self, error: &io::Error) -> Trouble {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                let wait = PATIENCE.as_secs();
                self.transcript.notes(&self.who, format!("waited {wait} s, and nothing came"));
                wrong(Way::Silent, format!("{} waited, and nothing came.", capital(&self.who)))
            }
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                self.transcript.sees(&self.who, "RST");
                wrong(Way::Reset, format!("The connection of {} was reset.", self.who))
            }
            _ => Trouble::Examiner(format!("cannot receive: {error}")),
        }
    }

    /// Reads until so many bytes are there, or the stream ends. What came before a trouble is
    /// returned with it.
    fn read_up_to(&self, length: usize) -> (Vec<u8>, Option<Trouble>) {
        let mut all = Vec::new();
        let mut wait = Wait::of(LONGEST);
        while all.len() < length {
            if wait.is_over() {
                let so_far = count(all.len(), "byte");
                self.transcript.notes(&self.who, format!("has {so_far}, and waits no longer"));
                let sentence = format!("{} came too slowly.", capital(&so_far));
                return (all, Some(wrong(Way::Missing, sentence)));
            }
            match self.read((length - all.len()).min(256 * 1024)) {
                Ok(piece) if piece.is_empty() => break,
                Ok(piece) => all.extend(piece),
                Err(trouble) => return (all, Some(trouble)),
            }
        }
        (all, None)
    }

    /// Reads exactly so many bytes.
    ///
    /// # Errors
    ///
    /// [`Way::Missing`], where the stream ends before; [`Way::Silent`], [`Way::Reset`].
    pub fn receive(&self, length: usize) -> Outcome<Vec<u8>> {
        match self.read_up_to(length) {
            (all, None) if all.len() == length => Ok(all),
            (all, None) => Err(wrong(
                Way::Missing,
                format!("The stream ended after {} of {length}.", count(all.len(), "byte")),
            )),
            (_, Some(trouble)) => Err(trouble),
        }
    }

    /// Reads as many bytes as are expected, and compares them.
    ///
    /// # Errors
    ///
    /// [`Way::Different`]; [`Way::Missing`], where the stream ends or falls silent after a part;
    /// [`Way::Closed`], [`Way::Silent`], [`Way::Reset`].
    pub fn expect(&self, expected: &[u8]) -> Outcome {
        let (came, trouble) = self.read_up_to(expected.len());
        let same = first_difference(expected, &came);
        let Some(at) = same else { return Ok(()) };
        if at < came.len() {
            let sentence = match left_out(expected, &came, at) {
                None => format!("{} received other bytes than expected.", capital(&self.who)),
                Some(length) => format!(
                    "{}: {} are missing behind the first {}; what comes after them is there.",
                    capital(&self.who),
                    count(length, "byte"),
                    grouped(at)
                ),
            };
            return Err(wrong(Way::Different, sentence).with_bytes(expected, &came));
        }
        let so_far = format!("{} of {} came", grouped(came.len()), count(expected.len(), "byte"));
        let who = capital(&self.who);
        let trouble = match (trouble, came.is_empty()) {
            (None, true) => {
                wrong(Way::Closed, format!("{who} received the end of the stream, and no byte."))
            }
            (None, false) => {
                wrong(Way::Missing, format!("{who}: {so_far}, and then the stream ended."))
            }
            (Some(trouble), true) => return Err(trouble),
            (Some(trouble), false) => trouble.or_rather(
                Way::Silent,
                Way::Missing,
                format!("{who}: {so_far}, and then nothing more."),
            ),
        };
        Err(trouble.with_bytes(expected, &came))
    }

    /// Expects the end of the stream, and no byte before it.
    ///
    /// # Errors
    ///
    /// [`Way::Extra`], [`Way::NotClosed`], [`Way::Reset`].
    pub fn expect_end(&self) -> Outcome {
        let (came, trouble) = self.read_up_to(64 * 1024);
        if !came.is_empty() {
            let sentence =
                format!("{} received {} too many.", capital(&self.who), count(came.len(), "byte"));
            return Err(wrong(Way::Extra, sentence).with_bytes(b"", &came));
        }
        match trouble {
            None => Ok(()),
            Some(trouble) => {
                let sentence = format!("The program did not close the connection of {}.", self.who);
                Err(trouble.or_rather(Way::Silent, Way::NotClosed, sentence))
            }
        }
    }

    /// Expects that nothing comes, neither bytes nor the end, for as long as this.
    ///
    /// # Errors
    ///
    /// [`Way::Early`] for bytes, [`Way::Closed`] for the end, [`Way::Reset`].
    pub fn expect_nothing(&self, time: Duration) -> Outcome {
        self.stream.set_read_timeout(Some(time))?;
        let mut buffer = [0; 1024];
        let read = (&self.stream).read(&mut buffer);
        self.stream.set_read_timeout(Some(SLICE))?;
        match read {
            Ok(0) => {
                self.transcript.sees(&self.who, "FIN");
                let sentence = format!("The program closed the connection of {}.", self.who);
                Err(wrong(Way::Closed, sentence))
            }
            Ok(length) => {
                self.transcript.receives(&self.who, &buffer[..length]);
                let sentence = format!("{} received bytes before it should.", capital(&self.who));
                Err(wrong(Way::Early, sentence).with_bytes(b"", &buffer[..length]))
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Ok(())
            }
            Err(error) => Err(self.cannot_receive(&error)),
        }
    }

    /// Expects that no byte comes any more: the end of the stream, or nothing at all. Whether it
    /// ends is another check's matter.
    ///
    /// # Errors
    ///
    /// [`Way::Extra`].
    pub fn expect_no_more(&self) -> Outcome {
        until(GLIMPSE, || self.peek());
        if self.peek() != Some(1) {
            return Ok(());
        }
        let came = self.read(64 * 1024)?;
        let sentence =
            format!("{} received {} too many.", capital(&self.who), count(came.len(), "byte"));
        Err(wrong(Way::Extra, sentence).with_bytes(b"", &came))
    }

    /// Reads to the end of the stream, at most so many bytes.
    ///
    /// # Errors
    ///
    /// [`Way::NotClosed`], where it does not end; [`Way::Extra`], where there is more;
    /// [`Way::Reset`].
    pub fn receive_to_end(&self, most: usize) -> Outcome<Vec<u8>> {
        match self.read_up_to(most + 1) {
            (all, None) if all.len() <= most => Ok(all),
            (_, None) => Err(wrong(Way::Extra, format!("More than {most} bytes came."))),
            (_, Some(trouble)) => {
                let sentence = format!("The program did not close the connection of {}.", self.who);
                Err(trouble.or_rather(Way::Silent, Way::NotClosed, sentence))
            }
        }
    }

    /// Sends bytes and reads what is expected for them at the same time, as both may be more than
    /// the buffers hold.
    ///
    /// # Errors
    ///
    /// As [`Conn::send`] and [`Conn::expect`]; what the reading found goes first.
    pub fn send_and_expect(&self, bytes: &[u8], expected: &[u8]) -> Outcome {
        let stream = self.stream.try_clone()?;
        self.transcript.sends(&self.who, bytes);
        thread::scope(|scope| {
            let sending = scope.spawn(move || write_all(&stream, bytes, || false));
            let received = self.expect(expected);
            if received.is_err() {
                let _ = self.stream.shutdown(Shutdown::Both); // so that the sending ends too
            }
            let sent = sending.join().unwrap_or_else(|_| Err(ErrorKind::Other.into()));
            received?;
            sent.map_err(|error| self.cannot_send(&error))
        })
    }

    /// As [`Conn::send_and_expect`], but reads nothing until the program can take no more, because
    /// the buffers of both sides are full: a client that pauses, and then goes on.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn pauses_and_expects(&self, bytes: &[u8], expected: &[u8]) -> Outcome {
        let stream = self.stream.try_clone()?;
        let (taken, reads) = (AtomicUsize::new(0), AtomicBool::new(false));
        socket2::SockRef::from(&self.stream).set_recv_buffer_size(SMALL)?;
        self.transcript.sends(&self.who, bytes);
        thread::scope(|scope| {
            let sending = scope.spawn(|| {
                // As long as nothing is read here, the program need not take any more.
                let pauses = || !reads.load(Ordering::Relaxed);
                bytes.chunks(16 * 1024).try_for_each(|piece| {
                    taken.fetch_add(piece.len(), Ordering::Relaxed);
                    write_all(&stream, piece, pauses)
                })
            });
            let mut before = 0;
            let mut moves = || {
                let more = || Some(taken.load(Ordering::Relaxed)).filter(|now| *now != before);
                let now = until(FULL, more);
                before = now.unwrap_or(before);
                now.is_some()
            };
            let mut patience = Wait::of(PATIENCE);
            while moves() || !rests() && !patience.is_over() {}
            self.transcript.notes(&self.who, "reads nothing for a while: the buffers fill");
            reads.store(true, Ordering::Relaxed);
            let received = self.expect(expected);
            if received.is_err() {
                let _ = self.stream.shutdown(Shutdown::Both); // so that the sending ends too
            }
            let sent = sending.join().unwrap_or_else(|_| Err(ErrorKind::Other.into()));
            received?;
            sent.map_err(|error| self.cannot_send(&error))
        })
    }

    /// What there is to read, without reading it: 1 for bytes, 0 for the end of the stream or a
    /// reset, `None` for nothing yet.
    pub fn peek(&self) -> Option<usize> {
        let _ = self.stream.set_nonblocking(true);
        let peeked = self.stream.peek(&mut [0]);
        let _ = self.stream.set_nonblocking(false);
        match peeked {
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            peeked => Some(peeked.unwrap_or(0)),
        }
    }
}

/// Writes all of these bytes. The program may take as long as it likes, as long as it takes some now and
/// then; while the examiner pauses, it need not.
fn write_all(
    mut stream: &TcpStream,
    mut bytes: &[u8],
    pauses: impl Fn() -> bool,
) -> io::Result<()> {
    let mut wait = Wait::of(PATIENCE);
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(length) => {
                bytes = &bytes[length..];
                wait = Wait::of(PATIENCE);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(error.kind()) && pauses() => wait = Wait::of(PATIENCE),
            Err(error) if is_timeout(error.kind()) && !wait.is_over() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Nobody else has ports on the machine of a check.
pub fn no_port(who: &str) -> Trouble {
    let sentence = format!("There is no port left for {who}: the program has taken them all.");
    wrong(Way::Leaks, sentence)
}

/// How many bytes were left out at the first difference, where what came goes on with what is expected
/// behind them.
fn left_out(expected: &[u8], came: &[u8], at: usize) -> Option<usize> {
    const ENOUGH: usize = 8; // so many are no chance
    let rest = &came[at..];
    let start = &rest[..rest.len().min(64)];
    if start.len() < ENOUGH {
        return None;
    }
    let found = expected[at..].windows(start.len()).position(|window| window == start)?;
    expected[at + found..].starts_with(rest).then_some(found)
}

/// A name at the beginning of a sentence.
pub fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A listening socket: the examiner is the server.
pub struct Door {
    listener: TcpListener,
    who: String,
    transcript: Transcript,
    calls: Option<Calls>,
}

impl Door {
    /// Listens at this address.
    ///
    /// # Errors
    ///
    /// The examiner's own.
    pub fn open(who: String, address: SocketAddr, transcript: &Transcript) -> Outcome<Door> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_reuse_address(cfg!(unix))?;
        socket.bind(&address.into())?;
        socket.listen(64)?;
        socket.set_nonblocking(true)?;
        transcript.notes(&who, format!("listens on {address}"));
        Ok(Door { listener: socket.into(), who, transcript: transcript.clone(), calls: None })
    }

    /// The same, which can tell where a program connects that does not come here.
    pub fn watching(self, calls: Option<Calls>) -> Door {
        Door { calls, ..self }
    }

    /// The address it listens on.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes the connection that the program makes.
    ///
    /// # Errors
    ///
    /// [`Way::Ended`], where the program ends in place of it; [`Way::Silent`], where it does not
    /// connect in time.
    pub fn accept(&self, program: &Program) -> Outcome<Conn> {
        let deadline = Instant::now() + PATIENCE;
        let seen = until(deadline.saturating_duration_since(Instant::now()), || {
            // Whether it has ended is asked first: it may connect and end in between.
            let has_ended = program.ended().is_some();
            match self.listener.accept() {
                Ok((stream, peer)) => Some(Ok((stream, peer))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => has_ended
                    .then(|| {
                        let ended =
                            program.still_runs(&format!("and did not connect{}", self.tried()));
                        ended.err().map(Err)
                    })
                    .flatten(),
                Err(error) => Some(Err(error.into())),
            }
        });
        match seen {
            Some(accepted) => {
                let (stream, _) = accepted?;
                self.transcript.sees(&self.who, "connect");
                Conn::new(stream, self.who.clone(), &self.transcript)
            }
            None => {
                let address = self.address()?;
                self.transcript.notes(&self.who, "nobody connects");
                Err(wrong(
                    Way::Silent,
                    format!("The program did not connect to {address} in time{}.", self.tried()),
                ))
            }
        }
    }

    /// Where else the program has tried to connect, last.
    fn tried(&self) -> String {
        let calls = self.calls.as_ref().map(Calls::seen).unwrap_or_default();
        let own = self.address().ok();
        let tried = calls.iter().rev().find_map(|call| match call {
            Call::Connect(address) if Some(*address) != own => Some(*address),
            _ => None,
        });
        tried.map(|address| format!(" (it tried {address})")).unwrap_or_default()
    }

    /// Whether a connection is there to be taken.
    pub fn has_a_caller(&self) -> bool {
        self.listener.accept().is_ok()
    }
}

/// A listening socket whose queue is full: who connects is not refused, and waits.
pub struct Deaf {
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Deaf {
    /// Listens at this address and fills its own queue.
    ///
    /// # Errors
    ///
    /// The examiner's own.
    pub fn open(who: &str, address: SocketAddr, transcript: &Transcript) -> Outcome<Deaf> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.bind(&address.into())?;
        socket.listen(0)?;
        let mut queue = Vec::new();
        let full = || Trouble::Examiner("its queue does not fill".into());
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(50)) {
            queue.push(stream);
            (queue.len() < 100).then_some(()).ok_or_else(full)?;
        }
        transcript.notes(who, format!("listens on {address} and answers nobody"));
        Ok(Deaf { _listener: socket.into(), _queue: queue })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn bytes_that_are_left_out_are_told_from_other_bytes() {
        let expected: Vec<u8> = (0..=255).collect();
        let came = [&expected[..100], &expected[140..]].concat();
        assert_eq!(left_out(&expected, &came, 100), Some(40));
        let mut other = expected.clone();
        other[100] = 0;
        assert_eq!(left_out(&expected, &other, 100), None);
        assert_eq!(left_out(&expected, b"\x03", 0), None, "one byte may be chance");
    }

    /// The system sends RST for the examiner too, and the ladder does not hide it.
    #[test]
    fn a_close_with_bytes_unread_is_a_reset() {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(here).unwrap();
        let transcript = Transcript::new();
        for (words, sign, end) in [
            (&b"unread"[..], "── close, with bytes unread: RST ─", Err(ErrorKind::ConnectionReset)),
            (b"", "── close ─", Ok(0)),
        ] {
            let to = listener.local_addr().unwrap();
            let client = Conn::connect("client 1".into(), here, to, &transcript).unwrap();
            let (mut server, _) = listener.accept().unwrap();
            server.write_all(words).unwrap();
            until(PATIENCE, || client.peek().or((words.is_empty()).then_some(0)));
            client.close();
            assert_eq!(server.read(&mut [0]).map_err(|error| error.kind()), end);
            let ladder = transcript.ladder("server");
            assert!(ladder.lines().last().is_some_and(|line| line.contains(sign)), "{ladder}");
        }
    }
}
