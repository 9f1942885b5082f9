//! What several experiments begin with: a client and a server that are connected.

use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;

use socket_labs::socket_table::Row;

use crate::ask::{Outcome, Sock, Trial};
use crate::exam::transcript::count;

/// Both ends of one connection, and the socket that it was accepted on.
pub struct Connection {
    /// The end that connected. Its column is `client`.
    pub client: Sock,
    /// Its address.
    pub from: SocketAddr,
    /// The end that was accepted. Its column is `server`.
    pub server: Sock,
    /// The listening socket, for a second client.
    pub listener: Sock,
}

/// Connects a client with a server at this address, call by call.
pub fn connection(trial: &Trial, place: SocketAddr) -> Outcome<Connection> {
    let listener = trial.tcp("server")?;
    listener.bind(place)?;
    listener.listen(10)?;
    let (client, from, server) = another(trial, &listener, place)?;
    Ok(Connection { client, from, server, listener })
}

/// One more client of a listening socket.
pub fn another(
    trial: &Trial,
    listener: &Sock,
    place: SocketAddr,
) -> Outcome<(Sock, SocketAddr, Sock)> {
    let client = trial.tcp("client")?;
    client.connect(place)?;
    let (server, from) = listener.accept()?;
    Ok((client, from, server))
}

/// What a receive gave, as a fact: `12 bytes`, `0 bytes` at the end of a stream, or the error.
pub fn received(result: &io::Result<Vec<u8>>) -> String {
    match result {
        Ok(bytes) => count(bytes.len(), "byte"),
        Err(_) => crate::ask::value(result),
    }
}

/// Waits until this many bytes have arrived, without taking them. Tells whether they came.
pub fn arrived(trial: &Trial, socket: &Sock, bytes: usize) -> bool {
    let mut buffer = vec![MaybeUninit::uninit(); bytes];
    trial.until(|| socket.raw().peek(&mut buffer).is_ok_and(|length| length == bytes))
}

/// Whether a row of the socket table is one end of the connection between these two. Another
/// connection of this machine may have one of the two addresses, but not both.
pub fn is_between(row: &Row, one: SocketAddr, other: SocketAddr) -> bool {
    let is = |local, remote| row.local == local && row.remote.is_none_or(|peer| peer == remote);
    is(one, other) || is(other, one)
}
