use std::net::IpAddr;
use std::time::Duration;

use examiner::catalogue;
use examiner::grade::Shard;
use examiner::progress::Points;
use socket_labs::cli::{host_and_port, seconds};
use socket_labs::names::{Family, addresses};

/// What a command line says of hosts, ports, times, shards and steps. No name server is asked.
pub fn names(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    if let Ok((host, port)) = host_and_port(text) {
        assert!(port > 0 && !host.is_empty());
        assert_eq!(host_and_port(&format!("{host}:{port}")), Ok((host, port)));
    }
    if let Ok(time) = seconds(text) {
        let (least, most) = (Duration::from_millis(1), Duration::from_secs(86_400));
        assert!((least..=most).contains(&time), "{time:?}");
        assert_eq!(seconds(&time.as_secs_f64().to_string()), Ok(time));
    }
    if let Ok(shard) = text.parse::<Shard>() {
        let (index, of) = text.split_once('/').expect("I/N");
        let number = |text: &str| text.parse::<usize>().expect("a number");
        assert!((1..=number(of)).contains(&number(index)), "{shard:?}");
    }
    if let Ok(points) = text.parse::<Points>() {
        assert_eq!(points.to_string().parse::<Points>(), Ok(points));
    }
    if let Some(step) = catalogue::step(text) {
        assert_eq!(step.name, text);
    }
    if let Ok(number) = text.parse::<IpAddr>() {
        let port = data.len() as u16;
        let found = addresses(text, port, Family::Any, Duration::from_secs(1)).expect("a number");
        assert_eq!(found, [(number, port).into()]);
    }
}

/// Lines of `/proc/net/tcp` and its sisters.
#[cfg(target_os = "linux")]
pub fn socket_table(data: &[u8]) {
    use socket_labs::socket_table::{Protocol, row};
    for line in String::from_utf8_lossy(data).lines() {
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            let Some((found, inode)) = row(line, protocol) else { continue };
            assert_eq!(found.state.is_some(), protocol == Protocol::Tcp);
            assert_eq!(row(&written(&found, inode), protocol), Some((found, inode)));
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub fn socket_table(_: &[u8]) {}

/// A row as the kernel writes it.
#[cfg(target_os = "linux")]
fn written(row: &socket_labs::socket_table::Row, inode: u64) -> String {
    use std::net::SocketAddr;

    use socket_labs::socket_table::State;
    let address = |address: SocketAddr| {
        let bytes = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let words = bytes.chunks(4).map(|word| {
            let word: [u8; 4] = word.try_into().expect("four bytes");
            format!("{:08X}", u32::from_ne_bytes(word))
        });
        format!("{}:{:04X}", words.collect::<String>(), address.port())
    };
    let state = match row.state {
        None => 7,
        Some(State::Established) => 1,
        Some(State::SynSent) => 2,
        Some(State::SynReceived) => 3,
        Some(State::FinWait1) => 4,
        Some(State::FinWait2) => 5,
        Some(State::TimeWait) => 6,
        Some(State::Closed) => 7,
        Some(State::CloseWait) => 8,
        Some(State::LastAck) => 9,
        Some(State::Listen) => 10,
        Some(State::Closing) => 11,
    };
    let queue = |bytes: Option<u64>| bytes.map_or("-".into(), |bytes| format!("{bytes:08X}"));
    format!(
        "   0: {} {} {state:02X} {}:{} 00:00000000 00000000     0        0 {inode} 1 0",
        address(row.local),
        address(row.remote.expect("Linux tells it")),
        queue(row.send_queue),
        queue(row.receive_queue),
    )
}

/// What `ps` tells of the processes of a Unix.
#[cfg(unix)]
pub fn ps(data: &[u8]) {
    use std::collections::BTreeSet;

    use examiner::exam::processes::ps::family_in;
    let table = String::from_utf8_lossy(data);
    for (of, groups) in [(1, &[][..]), (100, &[200, 300])] {
        let found = family_in(&table, of, groups);
        let once: BTreeSet<u32> = found.iter().copied().collect();
        assert!(!once.contains(&of) && found.len() <= table.lines().count());
        assert!(found.iter().all(|pid| table.contains(&pid.to_string())));
        // Each of them is found by its parent or by its group, and with it its children.
        for pid in found {
            assert!(
                family_in(&table, pid, &[])
                    .iter()
                    .all(|child| *child == of || once.contains(child))
            );
        }
    }
}

#[cfg(not(unix))]
pub fn ps(_: &[u8]) {}
