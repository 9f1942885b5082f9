//! A socket whose calls are written down. One method, one call.

use std::io;
use std::net::{Shutdown, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use socket_labs::bytes::printable;
use socket_labs::error::{Errno, is_timeout};
use socket2::{Domain, SockAddr, Socket, Type};

use super::PATIENCE;
use super::record::Record;
use crate::exam::transcript::{clip, count};

/// A socket of an experiment. All its waits are finite: [`PATIENCE`], or what [`Sock::timeout`] says.
/// It is closed when it is dropped; [`Sock::close`] also writes that down.
pub struct Sock {
    who: &'static str,
    socket: Arc<Socket>,
    wait: Duration,
    record: Record,
}

/// What a result is as a fact: `ok`, `timed out`, or the name of the error.
pub fn value<T>(result: &io::Result<T>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(error) => name_of(error),
    }
}

/// The name of an error: `ECONNREFUSED`. A wait that ran out is `timed out` on every system: the
/// name of that is EAGAIN on Unix and WSAETIMEDOUT on Windows.
pub(super) fn name_of(error: &io::Error) -> String {
    if is_timeout(error.kind()) {
        return "timed out".into();
    }
    match Errno::of(error) {
        Some(errno) => errno.name.into(),
        None => error.to_string(),
    }
}

/// `"hello"`; of a long run only the length is told.
pub(super) fn text(bytes: &[u8]) -> String {
    const MOST: usize = 24;
    match bytes.len() {
        ..=MOST => format!("\"{}\"", clip(&printable(bytes), MOST)),
        length => count(length, "byte"),
    }
}

fn received(bytes: &[u8]) -> String {
    if bytes.is_empty() { "0 bytes".into() } else { text(bytes) }
}

fn ok<T>(_: &T) -> String {
    "ok".into()
}

/// No result is worth a word.
fn quiet<T>(_: &T) -> String {
    String::new()
}

impl Sock {
    pub(super) fn new(
        who: &'static str,
        domain: Domain,
        kind: Type,
        record: Record,
    ) -> io::Result<Sock> {
        let socket = Socket::new(domain, kind, None)?;
        Sock::of(who, socket, record)
    }

    fn of(who: &'static str, socket: Socket, record: Record) -> io::Result<Sock> {
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let socket = Arc::new(socket);
        record.owns(who, &socket);
        Ok(Sock { who, socket, wait: PATIENCE, record })
    }

    /// The socket itself, for what is not worth a line of the record.
    pub fn raw(&self) -> &Socket {
        &self.socket
    }

    /// How long its calls wait from now on.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn timeout(&mut self, wait: Duration) -> io::Result<()> {
        self.wait = wait;
        self.socket.set_read_timeout(Some(wait))?;
        self.socket.set_write_timeout(Some(wait))
    }

    fn call<T>(
        &self,
        call: impl Into<String>,
        make: impl FnOnce() -> io::Result<T>,
        shown: impl FnOnce(&T) -> String,
    ) -> io::Result<T> {
        self.record.call(self.who, call.into(), make, shown)
    }

    /// setsockopt(SO_REUSEADDR)
    ///
    /// # Errors
    ///
    /// Those of the call, here and in all that follow.
    pub fn reuse_address(&self) -> io::Result<()> {
        self.call("SO_REUSEADDR = 1", || self.socket.set_reuse_address(true), quiet)
    }

    /// bind()
    pub fn bind(&self, address: SocketAddr) -> io::Result<()> {
        self.call(format!("bind({address})"), || self.socket.bind(&address.into()), ok)
    }

    /// listen()
    pub fn listen(&self, backlog: i32) -> io::Result<()> {
        self.call(format!("listen({backlog})"), || self.socket.listen(backlog), ok)
    }

    /// connect(). It waits no longer than the timeout.
    pub fn connect(&self, address: SocketAddr) -> io::Result<()> {
        let connect = || match self.socket.r#type()? {
            Type::STREAM => self.socket.connect_timeout(&address.into(), self.wait),
            _ => self.socket.connect(&address.into()),
        };
        self.call(format!("connect({address})"), connect, ok)
    }

    /// accept(): the connection, and the address of the client.
    pub fn accept(&self) -> io::Result<(Sock, SocketAddr)> {
        let accept = || self.socket.accept().and_then(|(socket, from)| Ok((socket, plain(from)?)));
        let (socket, from) = self.call("accept()", accept, |(_, from)| from.to_string())?;
        Ok((Sock::of(self.who, socket, self.record.clone())?, from))
    }

    /// getsockname(), not written down.
    pub fn local(&self) -> io::Result<SocketAddr> {
        plain(self.socket.local_addr()?)
    }

    /// send(): how many bytes were taken.
    pub fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let call = format!("send({})", text(bytes));
        self.call(call, || self.socket.send(bytes), |taken| count(*taken, "byte"))
    }

    /// recv(): what came; empty at the end of a stream.
    pub fn recv(&self, most: usize) -> io::Result<Vec<u8>> {
        let recv = || {
            let mut buffer = vec![0; most];
            let length = io::Read::read(&mut &*self.socket, &mut buffer)?;
            buffer.truncate(length);
            Ok(buffer)
        };
        self.call(format!("recv({most})"), recv, |bytes| received(bytes))
    }

    /// sendto(): how many bytes were taken.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<usize> {
        let call = format!("sendto({}, {to})", text(bytes));
        self.call(call, || self.socket.send_to(bytes, &to.into()), |taken| count(*taken, "byte"))
    }

    /// recvfrom(): one datagram, and where it came from.
    pub fn recv_from(&self, most: usize) -> io::Result<(Vec<u8>, SocketAddr)> {
        let recv = || {
            let socket = UdpSocket::from(self.socket.try_clone()?); // safe, and the same socket
            let mut buffer = vec![0; most];
            let (length, from) = socket.recv_from(&mut buffer)?;
            buffer.truncate(length);
            Ok((buffer, from))
        };
        let shown = |(bytes, from): &(Vec<u8>, _)| format!("{} from {from}", received(bytes));
        self.call(format!("recvfrom({most})"), recv, shown)
    }

    /// shutdown()
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        let name = match how {
            Shutdown::Read => "SHUT_RD",
            Shutdown::Write => "SHUT_WR",
            Shutdown::Both => "SHUT_RDWR",
        };
        self.call(format!("shutdown({name})"), || self.socket.shutdown(how), ok)
    }

    /// close()
    pub fn close(self) {
        let Sock { who, socket, record, .. } = self;
        let close = || {
            drop(socket);
            Ok(())
        };
        let _ = record.call(who, "close()".into(), close, quiet);
    }
}

fn plain(address: SockAddr) -> io::Result<SocketAddr> {
    address.as_socket().ok_or_else(|| io::Error::other("an address of neither IPv4 nor IPv6"))
}
