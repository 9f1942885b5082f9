//! Ports of a network that this check shares with others: whether one is free, and how to take it away.
//!
//! A port has two addresses that matter here, 0.0.0.0 and 127.0.0.1. On Linux nobody gets one while
//! somebody else has the other. Windows gives each of them away, and so do macOS and FreeBSD to a
//! program that sets `SO_REUSEADDR`: so it is always both of them that are looked at.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use socket_labs::socket_table::Protocol;
use socket2::{Domain, Socket, Type};

const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED];

/// Whether a program could bind it, of TCP and of UDP, at any address, even one without
/// `SO_REUSEADDR`. Where the system does not let us try, as below 1024, the program has to find out.
pub fn is_free(port: u16) -> bool {
    let taken = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => true,
        // What Windows says of an address that somebody has for himself alone.
        io::ErrorKind::PermissionDenied => cfg!(windows),
        _ => false,
    };
    let bind = |kind, ip| {
        let address = SocketAddr::from((ip, port)).into();
        Socket::new(Domain::IPV4, kind, None).and_then(|socket| socket.bind(&address))
    };
    let is_taken = |kind| ADDRESSES.into_iter().any(|ip| bind(kind, ip).is_err_and(taken));
    ![Type::STREAM, Type::DGRAM].into_iter().any(is_taken)
}

/// Whether clients of this address reach a socket, as one of `[::]` is reached by those of 127.0.0.1
/// too. A program may be about to open a second socket at the same port. So nothing is taken from it
/// here: a TCP socket with `SO_REUSEADDR` that does not listen is in nobody's way, where one that
/// listens would make the program's own `listen()` fail.
pub fn is_served(address: SocketAddr, protocol: Protocol) -> bool {
    let kind = match protocol {
        Protocol::Tcp => Type::STREAM,
        Protocol::Udp => Type::DGRAM,
    };
    let bound = Socket::new(Domain::for_address(address), kind, None).and_then(|socket| {
        socket.set_reuse_address(cfg!(unix) && protocol == Protocol::Tcp)?;
        socket.bind(&address.into())
    });
    bound.is_err()
}

/// A port that nobody else can bind while this is kept.
pub struct Held {
    _tcp: Vec<TcpListener>,
    _udp: Vec<UdpSocket>,
}

/// Takes a port away, for one protocol; at `others` too, as far as this system has these addresses.
///
/// # Errors
///
/// Somebody else has it.
pub fn hold(port: u16, protocol: Protocol, others: &[IpAddr]) -> io::Result<Held> {
    let mut held = Held { _tcp: Vec::new(), _udp: Vec::new() };
    let mut bind = |ip: IpAddr| match protocol {
        Protocol::Tcp => TcpListener::bind((ip, port)).map(|socket| held._tcp.push(socket)),
        Protocol::Udp => UdpSocket::bind((ip, port)).map(|socket| held._udp.push(socket)),
    };
    for (i, ip) in ADDRESSES.into_iter().enumerate() {
        match bind(ip.into()) {
            // Where the second is not given to us, it is given to nobody.
            Err(error) if i > 0 && error.kind() == io::ErrorKind::AddrInUse => {}
            bound => bound?,
        }
    }
    for ip in others {
        let _ = bind(*ip);
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn free_port() -> u16 {
        (20_000..30_000).find(|port| is_free(*port)).unwrap()
    }

    /// Whichever of the two addresses has it, and whichever of the two protocols.
    #[test]
    fn a_port_that_somebody_has_is_not_free() {
        for ip in ADDRESSES {
            let tcp = TcpListener::bind((ip, 0)).unwrap();
            assert!(!is_free(tcp.local_addr().unwrap().port()), "TCP, {ip}");
            let udp = UdpSocket::bind((ip, 0)).unwrap();
            assert!(!is_free(udp.local_addr().unwrap().port()), "UDP, {ip}");
        }
    }

    /// Not even from one that is just opening a socket for each family: it is looked at all the time.
    #[test]
    #[cfg(unix)]
    fn a_look_at_a_port_takes_nothing_from_a_program() {
        use std::sync::atomic::{AtomicBool, AtomicU16, Ordering::Relaxed};
        if UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
            return; // there is no second family here
        }
        let bind = |ip: IpAddr, port| {
            let address = SocketAddr::from((ip, port));
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
            socket.set_reuse_address(true)?;
            if address.is_ipv6() {
                socket.set_only_v6(true)?;
            }
            socket.bind(&address.into()).map(|()| socket)
        };
        let looks_at = |port| is_served((Ipv4Addr::LOCALHOST, port).into(), Protocol::Tcp);
        let (port, is_over) = (AtomicU16::new(free_port()), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    looks_at(port.load(Relaxed));
                }
            });
            let opened = (0..2000).try_for_each(|_| {
                let at_ipv6 = bind(Ipv6Addr::UNSPECIFIED.into(), 0)?;
                let opened = at_ipv6.local_addr()?.as_socket().unwrap().port();
                port.store(opened, Relaxed);
                at_ipv6.listen(1)?;
                let at_ipv4 = bind(Ipv4Addr::UNSPECIFIED.into(), opened)?;
                at_ipv4.listen(1)?;
                if looks_at(opened) { Ok(()) } else { Err(io::Error::other("not seen")) }
            });
            is_over.store(true, Relaxed);
            opened.expect("nobody is in the way");
        });
    }

    /// Neither at the same address nor at the other one, nor at a third where that is held too.
    #[test]
    fn a_port_that_is_held_is_given_to_nobody() {
        let has_ipv6 = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
        let third: Option<IpAddr> = has_ipv6.then_some(Ipv6Addr::LOCALHOST.into());
        let not_here = Ipv4Addr::new(192, 0, 2, 1).into();
        for (protocol, kind) in [(Protocol::Tcp, Type::STREAM), (Protocol::Udp, Type::DGRAM)] {
            let port = free_port();
            let others: Vec<IpAddr> = [not_here].into_iter().chain(third).collect();
            let held = hold(port, protocol, &others).unwrap();
            for ip in ADDRESSES.map(IpAddr::V4).into_iter().chain(third) {
                let address = SocketAddr::from((ip, port));
                let socket = Socket::new(Domain::for_address(address), kind, None).unwrap();
                socket.set_reuse_address(cfg!(unix) && protocol == Protocol::Tcp).unwrap();
                let error = socket.bind(&address.into()).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{protocol}, {ip}");
            }
            drop(held);
            assert!(is_free(port));
        }
    }
}
