//! What every server of many clients needs: seats, and what to do when accept() fails.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::Socket;

use crate::error::{Errno, is_passing};
use crate::note;

/// How long a server waits for a client to take what is sent to it, where nothing else is said. A
/// client that has stopped reading fills the buffers between them; then it is let go.
pub const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// The stack of a thread that serves one client: 64 KiB. The big buffers are on the heap, and the
/// page tables of ten thousand 2 MiB stacks would cost more than the clients themselves.
pub const STACK: usize = 64 * 1024;

/// sendall() with an end: sends all of the bytes, or gives up when the client has not taken them
/// within the socket's write timeout.
///
/// `write_all()` alone would go on for ever with a client that takes a little now and then, because
/// the write timeout (SO_SNDTIMEO) starts anew for each part that was taken.
///
/// # Errors
///
/// Those of send(); `TimedOut` when the time is up and only a part was taken, at the latest after
/// three times the timeout.
pub fn send_all(mut client: &Socket, bytes: &[u8]) -> io::Result<()> {
    let (mut rest, mut started) = (bytes, None);
    while !rest.is_empty() {
        match client.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) if length == rest.len() => return Ok(()), // the usual case, in one go
            Ok(length) => rest = &rest[length..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        let started = *started.get_or_insert_with(Instant::now);
        if started.elapsed() >= client.write_timeout()?.unwrap_or(WRITE_PATIENCE) {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    Ok(())
}

/// The places of a server: as many clients at once as there are seats.
#[derive(Debug, Clone)]
pub struct Seats {
    taken: Arc<AtomicU32>,
    all: u32,
}

/// A taken seat. Dropping it makes it free again, however the client's thread ends.
#[derive(Debug)]
pub struct Seat(Arc<AtomicU32>);

impl Seats {
    /// A server with so many seats, all of them free.
    pub fn new(all: u32) -> Seats {
        Seats { taken: Arc::default(), all }
    }

    /// Takes a free seat, or `None` when the server is full.
    pub fn take(&self) -> Option<Seat> {
        let one_more = |taken| (taken < self.all).then_some(taken + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok()?;
        Some(Seat(self.taken.clone()))
    }

    /// The line for a client that found no seat.
    pub fn refusal(&self) -> String {
        let clients = if self.all == 1 { "client" } else { "clients" };
        format!(
            "The server is full: it serves {} {clients} at a time. Try again later.\n",
            self.all
        )
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// After a failed accept(): returns when it is time to try again.
///
/// A client that gave up (`ECONNABORTED`) or a signal (`EINTR`) costs nothing. When there are no
/// more file descriptors (`EMFILE`) or no memory, the next accept() would fail at once too, so this
/// waits a tenth of a second, in which a client may leave, and says so at most once a second.
///
/// # Errors
///
/// The error itself, if it is one of the listening socket and trying again cannot help.
pub fn try_again_after(error: io::Error) -> io::Result<()> {
    static LAST_SAID: Mutex<Option<Instant>> = Mutex::new(None);

    let name = Errno::of(&error).map_or("", |errno| errno.name);
    if !["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"].contains(&name) {
        return if is_passing(&error) { Ok(()) } else { Err(error) };
    }
    let mut last = LAST_SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| last.elapsed() >= Duration::from_secs(1)) {
        *last = Some(Instant::now());
        let text = Errno::of(&error).map_or("", |errno| errno.text);
        note!("cannot accept the next client yet: {text} ({name})");
    }
    drop(last);
    thread::park_timeout(Duration::from_millis(100));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_given_back_can_be_taken_again() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take().unwrap(), seats.take().unwrap());
        assert!(seats.take().is_none());
        drop(first);
        let third = seats.take().unwrap();
        assert!(seats.take().is_none());
        drop((second, third));
    }

    #[test]
    fn a_broken_listener_is_an_error_and_a_lost_client_is_not() {
        use io::ErrorKind::*;
        assert!(try_again_after(ConnectionAborted.into()).is_ok());
        assert!(try_again_after(Interrupted.into()).is_ok());
        assert!(try_again_after(InvalidInput.into()).is_err());
    }
}
