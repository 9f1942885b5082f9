//! Sockets that listen and have no owner that Windows tells of. There is none on Windows itself; under
//! wine the server process of wine has them, and wine does not say for whom. A port that was free
//! before the program was started is the program's.

use std::net::SocketAddr;
#[cfg(any(windows, test))]
use std::net::{Ipv4Addr, SocketAddrV4};

/// The address of a listening TCP socket at this port that has no owner.
#[cfg(windows)]
pub fn listening(port: u16) -> Option<SocketAddr> {
    let table = table()?;
    rows(&table)
        .find(|(local, owner)| local.port() == port && *owner == 0)
        .map(|(local, _)| local.into())
}

/// Other systems tell of all owners, or give no table.
#[cfg(not(windows))]
pub fn listening(_: u16) -> Option<SocketAddr> {
    None
}

/// The words of a `MIB_TCPTABLE_OWNER_PID`: GetExtendedTcpTable().
#[cfg(windows)]
#[allow(unsafe_code)] // a call of the system, for which no crate of the examiner has a safe name
fn table() -> Option<Vec<u32>> {
    use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, FALSE, NO_ERROR};
    use windows_sys::Win32::NetworkManagement::IpHelper::{
        GetExtendedTcpTable, TCP_TABLE_OWNER_PID_LISTENER,
    };
    const AF_INET: u32 = 2;
    let mut words = vec![0_u32; 1024];
    // The table may have grown between two calls.
    for _ in 0..10 {
        let mut size = size_of_val(&words[..]) as u32;
        // SAFETY: the buffer has the size that is told, and the alignment of the table's words.
        let answer = unsafe {
            let class = TCP_TABLE_OWNER_PID_LISTENER;
            GetExtendedTcpTable(words.as_mut_ptr().cast(), &raw mut size, FALSE, AF_INET, class, 0)
        };
        match answer {
            NO_ERROR => return Some(words),
            ERROR_INSUFFICIENT_BUFFER => words = vec![0; size as usize / size_of::<u32>() + 1024],
            _ => return None,
        }
    }
    None
}

/// The rows of a table: their number, and then six words each, of which the second is the local
/// address, the third the port, and the last the number of the owner. Address and port are in network
/// byte order.
#[cfg(any(windows, test))]
fn rows(table: &[u32]) -> impl Iterator<Item = (SocketAddrV4, u32)> {
    let (number, rows) = table.split_first().unwrap_or((&0, &[]));
    rows.chunks_exact(6).take(*number as usize).map(|row| {
        let port = row[2].to_ne_bytes();
        let ip = Ipv4Addr::from(row[1].to_ne_bytes());
        (SocketAddrV4::new(ip, u16::from_be_bytes([port[0], port[1]])), row[5])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_row_by_row() {
        let word = |bytes: [u8; 4]| u32::from_ne_bytes(bytes);
        let row = |ip, port: u16, pid| {
            let [high, low] = port.to_be_bytes();
            [2, word(ip), word([high, low, 0, 0]), 0, 0, pid]
        };
        let rows_of = |number, rows: &[[u32; 6]]| [&[number], rows.as_flattened()].concat();
        let two = [row([127, 0, 0, 1], 8888, 0), row([0, 0, 0, 0], 135, 812)];
        let first = ("127.0.0.1:8888".parse().unwrap(), 0);
        let second = ("0.0.0.0:135".parse().unwrap(), 812);
        assert_eq!(rows(&rows_of(2, &two)).collect::<Vec<_>>(), [first, second]);
        assert_eq!(
            rows(&rows_of(1, &two)).collect::<Vec<_>>(),
            [first],
            "what is behind is no row"
        );
        assert_eq!(rows(&rows_of(9, &two)[..8]).count(), 1, "nor is a part of one");
        assert_eq!(rows(&[]).count(), 0);
    }
}
