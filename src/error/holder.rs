//! Who has the address that could not be bound.

use std::net::{IpAddr, SocketAddr};

use super::Target;
use crate::socket_table::{self, Protocol, Row, State};

/// One line on who holds the address of a failed bind, as far as this system tells.
pub(super) fn who_has(target: &Target) -> String {
    let (protocol, address) = match target {
        Target::Tcp(address) => (Protocol::Tcp, *address),
        Target::Udp(address) => (Protocol::Udp, *address),
        Target::Words(_) => return String::new(),
    };
    let in_the_way = |row: &Row| row.protocol == protocol && collide(row.local, address);
    let rows = socket_table::read_some(in_the_way).unwrap_or_default();
    advice(&rows, address.port())
}

fn advice(rows: &[Row], port: u16) -> String {
    let in_state = |state| rows.iter().find(|row| row.state == Some(state));
    let open = rows.iter().find(|row| row.state.is_none()); // UDP has no states
    if let Some(row) = in_state(State::Listen).or(open) {
        let who = match &row.owner {
            Some(owner) => format!("{} (process {})", owner.program, owner.pid),
            None => "a program of another user".to_string(),
        };
        let doing = if open.is_some() { "has" } else { "is listening on" };
        return format!("{who} {doing} {}: end it, or choose another port", row.local);
    }
    if in_state(State::TimeWait).is_some() {
        return format!(
            "an earlier connection on port {port} is in TIME_WAIT: wait a minute, \
             or set SO_REUSEADDR before bind(), in the earlier server and in this one"
        );
    }
    if let Some(row) = rows.first() {
        let state = row.state.map_or("open", State::name);
        return format!(
            "an earlier connection on port {port} is still {state}: wait until it has ended, \
             or set SO_REUSEADDR before bind()"
        );
    }
    format!("choose another port, or end the program that has this one (`netstat --port {port}`)")
}

/// Whether two local addresses are in each other's way: the same port, and the same address or a
/// wildcard on one side.
fn collide(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port()
        && (a.ip().is_unspecified() || b.ip().is_unspecified() || plain(a.ip()) == plain(b.ip()))
}

/// An IPv4 address that a dual-stack socket shows as `::ffff:127.0.0.1`, as IPv4.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: Option<State>) -> Row {
        Row {
            protocol: if state.is_some() { Protocol::Tcp } else { Protocol::Udp },
            local: "127.0.0.1:8888".parse().unwrap(),
            remote: None,
            state,
            receive_queue: None,
            send_queue: None,
            owner: None,
        }
    }

    #[test]
    fn a_listener_goes_before_an_old_connection() {
        let rows = [row(Some(State::TimeWait)), row(Some(State::Listen))];
        assert!(advice(&rows, 8888).contains("is listening on 127.0.0.1:8888"));
    }

    #[test]
    fn time_wait_alone_asks_for_patience_or_the_option() {
        let advice = advice(&[row(Some(State::TimeWait))], 8888);
        assert!(advice.contains("TIME_WAIT"));
        assert!(advice.contains("SO_REUSEADDR"));
    }

    #[test]
    fn a_wildcard_collides_with_every_address_of_its_port() {
        let of = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(collide(of("0.0.0.0:80"), of("127.0.0.1:80")));
        assert!(collide(of("[::ffff:127.0.0.1]:80"), of("127.0.0.1:80")));
        assert!(!collide(of("127.0.0.2:80"), of("127.0.0.1:80")));
        assert!(!collide(of("127.0.0.1:81"), of("127.0.0.1:80")));
    }
}
