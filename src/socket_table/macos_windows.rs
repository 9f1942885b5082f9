//! The socket table of macOS and Windows, through the crate `listeners`.

use std::io;

use listeners::SocketState;

use super::{Owner, Protocol, Row, State};

/// The TCP and UDP sockets of this machine, without remote addresses and queues.
///
/// # Errors
///
/// The system does not give the table to this user.
pub fn read(keep: &dyn Fn(&Row) -> bool) -> io::Result<Vec<Row>> {
    let listeners = listeners::get_all().map_err(|error| io::Error::other(error.to_string()))?;
    let mut rows: Vec<Row> = listeners
        .into_iter()
        .map(|listener| Row {
            protocol: match listener.protocol {
                listeners::Protocol::TCP => Protocol::Tcp,
                listeners::Protocol::UDP => Protocol::Udp,
            },
            local: listener.socket,
            remote: None,
            state: state(listener.state),
            receive_queue: None,
            send_queue: None,
            owner: Some(Owner { pid: listener.process.pid, program: listener.process.name }),
        })
        .filter(keep)
        .collect();
    rows.sort_by_key(|row| (row.protocol, row.local));
    Ok(rows)
}

fn state(state: SocketState) -> Option<State> {
    Some(match state {
        SocketState::Established => State::Established,
        SocketState::SynSent => State::SynSent,
        SocketState::SynReceived => State::SynReceived,
        SocketState::FinWait1 => State::FinWait1,
        SocketState::FinWait2 => State::FinWait2,
        SocketState::TimeWait => State::TimeWait,
        SocketState::Closed => State::Closed,
        SocketState::CloseWait => State::CloseWait,
        SocketState::LastAck => State::LastAck,
        SocketState::Listen => State::Listen,
        SocketState::Closing => State::Closing,
        SocketState::Unknown => return None,
    })
}
