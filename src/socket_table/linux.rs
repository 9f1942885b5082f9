//! The socket table of Linux: `/proc/net/tcp`, `tcp6`, `udp` and `udp6` (proc_pid_net(5)).
//!
//! A line of `/proc/net/tcp`, cut after the inode:
//!
//! ```text
//!  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//!   0: 0100007F:22B8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31337
//! ```
//!
//! Addresses are the bytes of memory, printed as 32-bit numbers in the byte order of this machine;
//! ports are plain hexadecimal. The inode leads to the program: among the files that a process has
//! open, `/proc/PID/fd`, the socket is the link `socket:[31337]`.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::{Owner, Protocol, Row, State};

/// The TCP and UDP sockets of this machine (of this network namespace), IPv4 before IPv6.
///
/// A busy server has a hundred thousand of them: the tables are read line by line, and only the
/// rows to `keep` stay in memory. They have no owner yet when `keep` sees them.
///
/// # Errors
///
/// `/proc/net` cannot be read. A missing table of IPv6 is not an error.
pub fn read(keep: &dyn Fn(&Row) -> bool) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (file, protocol) in [
        ("tcp", Protocol::Tcp),
        ("tcp6", Protocol::Tcp),
        ("udp", Protocol::Udp),
        ("udp6", Protocol::Udp),
    ] {
        let table = match File::open(format!("/proc/net/{file}")) {
            Err(error) if file.ends_with('6') && error.kind() == io::ErrorKind::NotFound => {
                continue;
            }
            table => BufReader::new(table?),
        };
        for line in table.lines().skip(1) {
            rows.extend(row(&line?, protocol).filter(|(row, _)| keep(row)));
        }
    }
    let mut owners = owners(rows.iter().map(|(_, inode)| *inode).collect());
    let with_owner = |(row, inode)| Row { owner: owners.remove(&inode), ..row };
    Ok(rows.into_iter().map(with_owner).collect())
}

/// One line of a table and its inode, or `None` where it has another form than the one described
/// above. A socket without a program (TIME_WAIT) has inode 0.
fn row(line: &str, protocol: Protocol) -> Option<(Row, u64)> {
    let mut columns = line.split_ascii_whitespace().skip(1);
    let local = address(columns.next()?)?;
    let remote = address(columns.next()?)?;
    let state = u8::from_str_radix(columns.next()?, 16).ok()?;
    let (send, receive) = columns.next()?.split_once(':')?;
    let inode = columns.nth(4)?.parse().ok()?;
    let row = Row {
        protocol,
        local,
        remote: Some(remote),
        state: if protocol == Protocol::Tcp { Some(tcp_state(state)?) } else { None },
        receive_queue: u64::from_str_radix(receive, 16).ok(),
        send_queue: u64::from_str_radix(send, 16).ok(),
        owner: None,
    };
    Some((row, inode))
}

/// `0100007F:22B8` is 127.0.0.1 port 8888 on a little-endian machine.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let word = |i: usize| {
        let digits = ip.get(i * 8..i * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let ip = match ip.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let bytes: [u8; 16] = words.as_flattened().try_into().ok()?;
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// The kernel's numbers, `include/net/tcp_states.h`. A request not yet accepted (12) is SYN_RECV.
fn tcp_state(number: u8) -> Option<State> {
    Some(match number {
        1 => State::Established,
        2 => State::SynSent,
        3 | 12 => State::SynReceived,
        4 => State::FinWait1,
        5 => State::FinWait2,
        6 => State::TimeWait,
        7 => State::Closed,
        8 => State::CloseWait,
        9 => State::LastAck,
        10 => State::Listen,
        11 => State::Closing,
        _ => return None,
    })
}

/// The programs behind these socket inodes. Other users' programs stay unknown without root's
/// rights. A socket that several processes share has the first of them as its owner.
fn owners(mut wanted: HashSet<u64>) -> HashMap<u64, Owner> {
    wanted.remove(&0);
    let mut owners = HashMap::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        if wanted.is_empty() {
            break;
        }
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let inodes: Vec<u64> = open_files(&process.path())
            .into_iter()
            .filter_map(|file| socket_inode(&fs::read_link(file.path()).ok()?.to_string_lossy()))
            .filter(|inode| wanted.remove(inode))
            .collect();
        if !inodes.is_empty() {
            let name = fs::read(process.path().join("comm")).unwrap_or_default();
            let program = String::from_utf8_lossy(&name).trim_end_matches('\n').to_string();
            let owner = Owner { pid, program };
            owners.extend(inodes.into_iter().map(|inode| (inode, owner.clone())));
        }
    }
    owners
}

/// The open files of a process. Where its main thread has ended before the others, it has none itself,
/// and the other threads have them.
fn open_files(process: &Path) -> Vec<fs::DirEntry> {
    let files = |path: PathBuf| -> Vec<fs::DirEntry> {
        fs::read_dir(path.join("fd")).into_iter().flatten().flatten().collect()
    };
    let own = files(process.to_path_buf());
    if !own.is_empty() {
        return own;
    }
    let threads = fs::read_dir(process.join("task")).into_iter().flatten().flatten();
    threads.map(|thread| files(thread.path())).find(|files| !files.is_empty()).unwrap_or_default()
}

fn socket_inode(link: &str) -> Option<u64> {
    link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn a_line_of_the_kernel_is_read_column_by_column() {
        let line = "   0: 0100007F:22B8 0200007F:C488 01 00000003:0000000A 00:00000000 00000000     \
                    0        0 31337 1 0000000000000000 100 0 0 10 0";
        let (row, inode) = row(line, Protocol::Tcp).unwrap();
        assert_eq!(inode, 31337);
        assert_eq!(row.local, "127.0.0.1:8888".parse().unwrap());
        assert_eq!(row.remote, Some("127.0.0.2:50312".parse().unwrap()));
        assert_eq!(row.state, Some(State::Established));
        assert_eq!((row.send_queue, row.receive_queue), (Some(3), Some(10)));
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn an_ipv6_address_is_four_words() {
        let text = "00000000000000000000000001000000:0050";
        assert_eq!(address(text), Some("[::1]:80".parse().unwrap()));
    }

    #[test]
    fn a_line_of_another_form_is_left_out() {
        for line in
            ["", "0:", "0: 0100007F 00000000:0000 0A", "0: é100007F:22B8 x 0A 0:0 0 0 0 0 0"]
        {
            assert_eq!(row(line, Protocol::Tcp), None, "{line}");
        }
    }

    #[test]
    fn a_socket_of_this_program_is_in_the_table_with_its_owner() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let rows = read(&|row| row.local == address).unwrap();
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(row.state, Some(State::Listen));
        assert_eq!(row.owner.as_ref().unwrap().pid, std::process::id());
    }
}
