// Asks pool.ntp.org, port 123, and waits on after what is no good answer.
use std::io::{Error, Result};
use std::net::{ToSocketAddrs, UdpSocket};
use std::process::exit;
use std::time::{Duration, Instant, SystemTime};

const WAIT: Duration = Duration::from_millis(1000);

fn now() -> u64 {
    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let fraction = (u64::from(unix.subsec_nanos()) << 32) / 1_000_000_000;
    (unix.as_secs() + 2_208_988_800) << 32 | fraction
}

fn timestamp(packet: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(packet[at..at + 8].try_into().unwrap())
}

fn show(title: &str, packet: &[u8]) {
    println!("{title}");
    let fields = [
        (0, 1, "leap, version, mode"),
        (1, 1, "stratum"),
        (2, 1, "poll"),
        (3, 1, "precision"),
        (4, 4, "root delay"),
        (8, 4, "root dispersion"),
        (12, 4, "reference ID"),
        (16, 8, "reference timestamp"),
        (24, 8, "origin timestamp"),
        (32, 8, "receive timestamp"),
        (40, 8, "transmit timestamp"),
    ];
    for (offset, size, name) in fields {
        let hex: String = packet[offset..offset + size].iter().map(|b| format!("{b:02x}")).collect();
        println!("{offset:>2} {name:<20} 0x{hex}");
    }
}

fn why_not(reply: &[u8], transmit: u64) -> Option<String> {
    match reply {
        _ if reply.len() < 48 => Some(format!("{} bytes", reply.len())),
        _ if reply[0] & 7 != 4 => Some(format!("mode {}", reply[0] & 7)),
        _ if timestamp(reply, 24) != transmit => Some("origin".into()),
        _ if reply[1] == 0 => Some(format!("kiss {}", String::from_utf8_lossy(&reply[12..16]))),
        _ if reply[1] > 15 => Some(format!("stratum {}", reply[1])),
        _ if reply[0] >> 6 == 3 => Some("leap 3".into()),
        _ if timestamp(reply, 40) == 0 => Some("no time".into()),
        _ => None,
    }
}

fn run() -> Result<()> {
    let server = ("pool.ntp.org", 123).to_socket_addrs()?.find(|address| address.is_ipv4());
    let server = server.ok_or(Error::other("no IPv4 address"))?;
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    let t1 = now();
    let transmit = t1.rotate_left(32) ^ u64::from(std::process::id()); // not the time itself
    let mut request = [0; 48];
    request[0] = 0x23;
    request[40..].copy_from_slice(&transmit.to_be_bytes());
    socket.send_to(&request, server)?;
    let deadline = Instant::now() + WAIT;
    let mut buffer = [0; 2048];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let (length, sender) = socket.recv_from(&mut buffer)?;
        let (t4, reply) = (now(), &buffer[..length]);
        if sender != server {
            eprintln!("{sender} is a stranger");
            continue;
        }
        if let Some(why) = why_not(reply, transmit) {
            eprintln!("rejected: {why}");
            continue;
        }
        show("request", &request);
        show("response", reply);
        let seconds = |later: u64, earlier: u64| later.wrapping_sub(earlier) as i64 as f64 / 2f64.powi(32);
        let (t2, t3) = (timestamp(reply, 32), timestamp(reply, 40));
        println!("offset {}", (seconds(t2, t1) + seconds(t3, t4)) / 2.0);
        println!("delay {}", seconds(t4, t1) - seconds(t3, t2));
        return Ok(());
    }
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        exit(1);
    }
}
