//! Lab 3: two NTP clients and a practice server.

#![allow(clippy::unwrap_used)] // a panic is how a test fails, in its helpers too

mod common;

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use common::*;

/// The seconds from 1900, where NTP starts to count, to 1970.
const FROM_1900_TO_1970: u64 = 2_208_988_800;

const CLIENTS: [&str; 2] = ["ntp_client", "ntp_client_raw"];

// ---------------------------------------------------------------- peers

/// A real chronyd that serves the time of this machine on a high port of 127.0.0.1.
fn chronyd() -> Option<(Running, u16)> {
    if !needs(&["chronyd"]) {
        return None;
    }
    for _ in 0..10 {
        let port = quiet_port();
        let mut command = Command::new(tool("chronyd"));
        command.args(["-d", "-x", "-U", "local stratum 8", "bindaddress 127.0.0.1"]);
        command.args(["allow 127.0.0.1", "cmdport 0", &format!("port {port}")]);
        command.arg(format!("pidfile {}", scratch("chronyd-serves").display()));
        let mut daemon = Running::start(command);
        let deadline = Instant::now() + PATIENCE / 2;
        while daemon.is_alive() && Instant::now() < deadline {
            let socket = udp();
            socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            socket.connect(("127.0.0.1", port)).unwrap();
            let mut answer = [0; 48];
            let asked = socket.send(&request(4, 3)).and_then(|_| socket.recv(&mut answer));
            if asked.is_ok() && answer[..2] == [0x24, 8] {
                return Some((daemon, port));
            }
            if asked.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
                thread::park_timeout(Duration::from_millis(20)); // not ready yet
            }
        }
    }
    panic!("chronyd does not start");
}

/// A free UDP port of 127.0.0.1 that the system does not give to anybody by itself.
fn quiet_port() -> u16 {
    let some = RandomState::new().hash_one(0) % 20_000;
    let mut ports = (10_000 + some as u16..).take(1_000);
    ports.find(|port| UdpSocket::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// A file name that nobody else uses.
fn scratch(name: &str) -> PathBuf {
    let unique = format!("{name}-{}-{:?}", std::process::id(), Instant::now());
    let plain = unique.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(plain)
}

/// An administrator's tool, which an ordinary user may not have in the PATH.
fn tool(name: &str) -> PathBuf {
    let places =
        ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(|place| PathBuf::from(place).join(name));
    places.into_iter().find(|path| path.is_file()).unwrap_or(name.into())
}

/// A time server on loopback that does to each request what the test wants.
struct Fake {
    address: SocketAddr,
    requests: Receiver<Vec<u8>>,
}

impl Fake {
    fn new(answer: impl Fn(&UdpSocket, &[u8], SocketAddr) + Send + 'static) -> Fake {
        Fake::on(udp(), answer)
    }

    fn on(
        socket: UdpSocket,
        answer: impl Fn(&UdpSocket, &[u8], SocketAddr) + Send + 'static,
    ) -> Fake {
        let address = socket.local_addr().unwrap();
        let (seen, requests) = mpsc::channel();
        socket.set_read_timeout(None).unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 2000];
            while let Ok((length, client)) = socket.recv_from(&mut buffer) {
                let request = buffer[..length].to_vec();
                answer(&socket, &request, client);
                if seen.send(request).is_err() {
                    return;
                }
            }
        });
        Fake { address, requests }
    }

    /// One that sends a good answer after this change to it.
    fn changed(change: impl Fn(&mut Vec<u8>) + Send + 'static) -> Fake {
        Fake::new(move |socket, request, client| {
            let mut answer = good_answer(request);
            change(&mut answer);
            socket.send_to(&answer, client).unwrap();
        })
    }

    fn ask(&self, client: &str, more: &[&str]) -> Ended {
        ask(client, self.address, more)
    }
}

/// Runs a client that asks this server.
fn ask(client: &str, server: SocketAddr, more: &[&str]) -> Ended {
    let (ip, port) = (server.ip().to_string(), server.port().to_string());
    run(client, &[&[ip.as_str(), "--port", &port], more].concat())
}

/// A request of this version and mode with a transmit timestamp of its own.
fn request(version: u8, mode: u8) -> [u8; 48] {
    let mut request = [0; 48];
    request[0] = version << 3 | mode;
    request[40..].copy_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
    request
}

/// The answer of a stratum 1 server whose clock agrees with this machine's.
fn good_answer(request: &[u8]) -> Vec<u8> {
    let mut answer = vec![0x24, 1, 0, 0xec];
    answer.extend([0; 8]); // root delay, root dispersion
    answer.extend(b"TEST");
    answer.extend(ntp(unix_now()).to_be_bytes()); // reference
    answer.extend(&request[40..48]); // origin
    answer.extend(ntp(unix_now()).to_be_bytes()); // receive
    answer.extend(ntp(unix_now()).to_be_bytes()); // transmit
    answer
}

fn unix_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// An NTP timestamp, fine to about a microsecond.
fn ntp(unix: f64) -> u64 {
    let seconds = unix.floor();
    ((seconds as u64 + FROM_1900_TO_1970) & 0xffff_ffff) << 32
        | ((unix - seconds) * 4_294_967_296.0) as u64
}

/// The number behind a label: `Offset: +2.500012 s` has 2.500012.
#[track_caller]
fn number(ended: &Ended, label: &str) -> f64 {
    let line = ended.stdout.lines().find_map(|line| line.strip_prefix(label));
    let line = line.unwrap_or_else(|| panic!("no line starts with {label:?}\n{ended:?}"));
    let word = line.split_whitespace().next().unwrap();
    word.parse().unwrap_or_else(|_| panic!("{word:?} is no number\n{ended:?}"))
}

/// The meaning of a field in the last table that was printed.
fn meaning<'a>(ended: &'a Ended, field: &str) -> &'a str {
    let line = ended
        .stdout
        .lines()
        .rfind(|line| line.get(8..).is_some_and(|rest| rest.starts_with(field)));
    line.unwrap_or_else(|| panic!("no field {field:?}\n{ended:?}"))
}

// ---------------------------------------------------------------- the clients

#[test]
fn both_clients_read_the_time_of_a_real_chronyd() {
    let Some((_daemon, port)) = chronyd() else { return };
    let server = SocketAddr::from(([127, 0, 0, 1], port));
    for client in CLIENTS {
        let ended = ask(client, server, &[]).succeeded();
        let (offset, delay) = (number(&ended, "Offset: "), number(&ended, "Round-trip delay: "));
        // Both clocks are the same one, so all that can be wrong is half of the delay.
        assert!(offset.abs() <= delay / 2.0 + 0.000_1, "{ended:?}");
        assert!(delay > 0.0, "{ended:?}");
        assert!(!ended.stdout.contains("practice"), "{ended:?}");
        assert_eq!(ended.stderr, "");
    }
    let ended = ask("ntp_client", server, &[]).succeeded();
    assert_eq!(number(&ended, "Stratum: "), 8.0);
    assert!(ended.stdout.ends_with(&format!("Server: 127.0.0.1 port {port}\n")), "{ended:?}");
    let raw = ask("ntp_client_raw", server, &[]).succeeded();
    assert!(meaning(&raw, "stratum").ends_with("8 (asks other servers)"), "{raw:?}");
}

#[test]
fn the_request_by_hand_is_48_bytes_with_a_random_transmit_timestamp() {
    let fake = Fake::changed(|_| ());
    let mut timestamps = Vec::new();
    for _ in 0..2 {
        let ended = fake.ask("ntp_client_raw", &[]).succeeded();
        let request = fake.requests.recv().unwrap();
        assert_eq!(request.len(), 48);
        assert_eq!(request[0], 0b00_100_011, "LI 0, VN 4, mode 3");
        assert_eq!(request[1..40], [0; 39]);
        // What was sent is what the table shows.
        let random = request[40..].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
        let row = format!("    40  transmit timestamp   {}  our random number", random.join(" "));
        assert!(ended.stdout.contains(&row), "{row}\n{ended:?}");
        timestamps.push(u64::from_be_bytes(request[40..].try_into().unwrap()));
    }
    assert_ne!(timestamps[0] >> 32, timestamps[1] >> 32, "not random");
    let seconds_now = ntp(unix_now()) >> 32;
    for timestamp in timestamps {
        assert!(
            (timestamp >> 32).abs_diff(seconds_now) > 60,
            "this is the time, not a random number"
        );
    }
}

#[test]
fn the_request_of_the_library_is_48_bytes_of_mode_3() {
    let fake = Fake::changed(|_| ());
    fake.ask("ntp_client", &[]).succeeded();
    let request = fake.requests.recv().unwrap();
    assert_eq!((request.len(), request[0]), (48, 0b00_100_011));
}

#[test]
fn the_raw_client_shows_both_packets_as_tables_and_the_four_times() {
    let fake = Fake::changed(|_| ());
    let ended = fake.ask("ntp_client_raw", &[]).succeeded();
    let server = fake.address;
    let head = format!(
        "Request to {server}, 48 bytes\n\
         offset  field                hex                      meaning\n     \
              0  leap, version, mode  23                       LI 0 (no warning), version 4, mode 3 (client)\n"
    );
    assert!(ended.stdout.starts_with(&head), "{ended:?}");
    assert!(ended.stdout.contains(&format!("\nResponse from {server}, 48 bytes\noffset  field")));
    assert!(
        ended
            .stdout
            .contains("24                       LI 0 (no warning), version 4, mode 4 (server)")
    );
    assert!(ended.stdout.contains("12  reference ID         54 45 53 54              TEST\n"));
    assert!(meaning(&ended, "origin timestamp").ends_with("our random number, not a time"));
    let labels: Vec<&str> = ended.stdout.lines().rev().take(7).collect();
    for (line, start) in labels.iter().rev().zip([
        "T1 2",
        "T2 2",
        "T3 2",
        "T4 2",
        "Time: ",
        "Offset: ",
        "Round-trip delay: ",
    ]) {
        assert!(line.starts_with(start), "{start}\n{ended:?}");
    }
    // T1 is the real time, although the request carried a random one.
    let year = |line: &str| line[3..7].parse::<u16>().unwrap();
    assert_eq!(year(labels[6]), year(labels[3]), "{ended:?}");
    assert!(labels[6].contains(" UTC  request sent, by our clock"), "{ended:?}");
}

#[test]
fn offset_and_delay_follow_from_the_four_times() {
    // (T2 - now, T3 - now, offset, delay), with now between T1 and T4
    let cases = [
        (5000.0, 5000.0, 5000.0, 0.0),
        (-9000.0, -9000.0, -9000.0, 0.0),
        (-1000.0, 3000.0, 1000.0, 0.0), // the server held it for longer than we waited: no delay
        (3000.0, -1000.0, 1000.0, 4000.0),
    ];
    for (t2, t3, offset, delay) in cases {
        for client in CLIENTS {
            let fake = Fake::changed(move |answer| {
                let now = unix_now();
                answer[16..24].fill(0); // reference: unknown
                answer[32..40].copy_from_slice(&ntp(now + t2).to_be_bytes());
                answer[40..48].copy_from_slice(&ntp(now + t3).to_be_bytes());
            });
            let ended = fake.ask(client, &[]).succeeded();
            let slack = PATIENCE.as_secs_f64(); // what a loaded machine may add
            assert!((number(&ended, "Offset: ") - offset).abs() < slack, "{ended:?}");
            let found = number(&ended, "Round-trip delay: ");
            assert!(found > 0.0 && (found - delay).abs() < slack, "{ended:?}");
            if delay == 0.0 && t2 != t3 {
                assert!(found < 0.000_002, "{ended:?}"); // clamped to the precision
            }
        }
    }
}

#[test]
fn each_bad_answer_is_rejected_with_its_reason() {
    type Change = fn(&mut Vec<u8>);
    let cases: [(Change, &str, &str); 20] = [
        (
            |answer| answer.truncate(47),
            "it has 47 bytes, and an NTP header has 48",
            "it is shorter than an NTP header",
        ),
        (|answer| answer.clear(), "it has 0 bytes", "it is shorter than an NTP header"),
        (
            |answer| answer[0] = 0x23,
            "its mode is 3 (client), and a server's is 4",
            "its mode is not 4",
        ),
        (|answer| answer[0] = 0x25, "its mode is 5 (broadcast)", "its mode is not 4"),
        (|answer| answer[31] ^= 1, "its origin is not our transmit timestamp", ""),
        (|answer| answer[24..32].fill(0), "its origin is not our transmit timestamp", ""),
        (|answer| kiss(answer, b"RATE"), "its stratum is 0, kiss code RATE (we ask too often", ""),
        (
            |answer| kiss(answer, b"DENY"),
            "its stratum is 0, kiss code DENY (the server does not serve us",
            "",
        ),
        (|answer| kiss(answer, b"\x1b[2J"), "its stratum is 0, kiss code \\x1b[2J (", ""),
        (|answer| kiss(answer, &[0; 4]), "its stratum is 0, without a kiss code", ""),
        (
            |answer| answer[1] = 16,
            "its stratum is 16, and a synchronized server's is 1 to 15",
            "its stratum is above 15",
        ),
        (|answer| answer[1] = 255, "its stratum is 255", "its stratum is above 15"),
        (
            |answer| answer[0] |= 0xc0,
            "its leap indicator is 3, so the server's clock is not synchronized",
            "",
        ),
        (|answer| answer[40..48].fill(0), "its transmit timestamp is zero", ""),
        (
            |answer| answer[0] &= 0b11_000_111,
            "its version is 0, and NTP's are 1 to 4",
            "its version is",
        ),
        (
            |answer| answer[0] |= 0b00_111_000,
            "its version is 7, and NTP's are 1 to 4",
            "its version is",
        ),
        (
            |answer| answer[8..12].copy_from_slice(&[0, 16, 0, 0]),
            "the server may be wrong by 16 s or more",
            "",
        ),
        (
            |answer| answer[4..8].copy_from_slice(&[0, 32, 0, 0]),
            "the server may be wrong by 16 s or more",
            "",
        ),
        (
            |answer| answer[16..24].copy_from_slice(&ntp(unix_now() + 1000.0).to_be_bytes()),
            "its clock was set at a time that is still to come",
            "",
        ),
        (
            |answer| {
                let transmit = u64::from_be_bytes(answer[40..48].try_into().unwrap());
                answer[16..24].copy_from_slice(&(transmit + 1).to_be_bytes());
            },
            "its clock was set at a time that is still to come",
            "",
        ),
    ];
    for (change, raw, library) in cases {
        let fake = Fake::changed(change);
        let server = fake.address;
        let library = if library.is_empty() { raw } else { library };
        for (client, why) in [("ntp_client_raw", raw), ("ntp_client", library)] {
            // One that does not answer the request may be forged: a better one is waited for.
            let ended = fake.ask(client, &["--timeout", "2"]);
            let ended = ended.failed_with(&format!("cannot use the response of {server}: {why}"));
            assert!(!ended.stdout.contains("Offset"), "{ended:?}");
            assert!(!ended.stderr.contains('\x1b'), "{ended:?}");
        }
    }
}

fn kiss(answer: &mut [u8], code: &[u8; 4]) {
    answer[0] |= 0xc0; // a kiss of death has leap indicator 3
    answer[1] = 0;
    answer[12..16].copy_from_slice(code);
}

#[test]
fn forged_datagrams_do_not_keep_the_true_answer_from_the_clients() {
    type Forgery = fn(&mut Vec<u8>);
    let forgeries: [Forgery; 4] = [
        |answer| answer[24..32].fill(7),
        |answer| answer.truncate(0),
        |answer| (answer[0], answer[31]) = (0x25, !answer[31]),
        |answer| {
            kiss(answer, b"DENY");
            answer[24] ^= 1;
        },
    ];
    // Whoever writes the server's address into a datagram: to the client it comes from there.
    let fake = Fake::new(move |socket, request, client| {
        for forge in forgeries {
            let mut forgery = good_answer(request);
            forge(&mut forgery);
            socket.send_to(&forgery, client).unwrap();
        }
        socket.send_to(&good_answer(request), client).unwrap();
    });
    for client in CLIENTS {
        let ended = fake.ask(client, &["--timeout", "60"]).succeeded();
        assert!(number(&ended, "Offset: ").abs() < 400.0, "{ended:?}");
        let said = complaints(&ended.stderr, " does not answer our request");
        assert_eq!(said.1, 4, "{ended:?}");
    }
}

#[test]
fn a_stream_of_forged_datagrams_does_not_stretch_the_timeout() {
    for client in CLIENTS {
        let fake = Fake::new(|socket, request, client| {
            let mut forgery = good_answer(request);
            forgery[31] ^= 1;
            let until = Instant::now() + PATIENCE / 2;
            while Instant::now() < until && socket.send_to(&forgery, client).is_ok() {
                thread::park_timeout(Duration::from_millis(20));
            }
        });
        let started = Instant::now();
        let ended = fake.ask(client, &["--timeout", "2"]);
        assert!(started.elapsed() < PATIENCE / 3, "{:?}", started.elapsed());
        ended.failed_with(&format!(
            "cannot use the response of {}: its origin is not our transmit timestamp",
            fake.address
        ));
    }
}

/// A client that asks `fake`, on a machine whose clock is so many seconds ahead.
#[cfg(target_os = "linux")]
fn ask_with_clock_ahead(client: &str, fake: &Fake, seconds: i64) -> Ended {
    let library = scratch("clock").with_extension(format!("{seconds}.{client}.so"));
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(fixture("clock.c"));
    run_command(compile).succeeded();
    let mut command = Command::new(program(client));
    command.args(["127.0.0.1", "--port", &fake.address.port().to_string()]);
    command.env("LD_PRELOAD", &library).env("SECONDS_AHEAD", seconds.to_string());
    let ended = run_command_in("UTC0", command);
    std::fs::remove_file(library).unwrap();
    ended
}

#[cfg(target_os = "linux")]
#[test]
fn with_a_clock_that_is_wrong_by_decades_both_clients_tell_the_servers_time() {
    if !needs(&["cc"]) {
        return;
    }
    let time = (FROM_1900_TO_1970 + 1_790_000_000) << 32; // Mon Sep 21 14:13:20 2026
    let fake = Fake::changed(move |answer| {
        answer[16..24].fill(0);
        answer[32..40].copy_from_slice(&time.to_be_bytes());
        answer[40..48].copy_from_slice(&time.to_be_bytes());
    });
    // Clocks that show 1970, 1969, 1960, 1901, 2104, 2110 and 2200.
    for shown in
        [0, -3_600, -315_000_000, -2_177_000_000, 4_240_000_000, 4_418_000_000, 7_258_000_000]
    {
        let ahead = shown - unix_now() as i64;
        let [library, raw] = CLIENTS.map(|client| {
            let ended = ask_with_clock_ahead(client, &fake, ahead).succeeded();
            assert!(ended.stdout.contains("Time: Mon Sep 21 14:13:20 2026\n"), "{shown} {ended:?}");
            number(&ended, "Offset: ")
        });
        assert!((library - raw).abs() < PATIENCE.as_secs_f64(), "{shown}: {library} and {raw}");
        // What the two have to agree on is the offset within an era, of 2³² seconds.
        let era = (1u64 << 32) as f64;
        let off = (1_790_000_000 - shown) as f64 - raw;
        let off = off - era * (off / era).round();
        assert!(off.abs() < PATIENCE.as_secs_f64(), "{shown}: {off}");
    }
}

#[test]
fn every_interface_is_this_machine_to_a_client() {
    let fake = Fake::changed(|_| ());
    for client in CLIENTS {
        run(client, &["0.0.0.0", "--port", &port_of(fake.address)]).succeeded();
    }
}

#[test]
fn a_rejected_response_is_shown_all_the_same() {
    let fake = Fake::changed(|answer| answer.truncate(3));
    let ended = fake.ask("ntp_client_raw", &["--timeout", "2"]);
    let shown = format!("Response from {}, 3 bytes\n", fake.address);
    assert!(ended.stdout.contains(&shown), "{ended:?}");
    assert!(ended.stdout.contains("     0  too short  24 01 00 "), "{ended:?}");
}

#[test]
fn what_follows_the_header_does_no_harm() {
    for length in [1, 20, 400] {
        let fake = Fake::changed(move |answer| answer.extend(vec![0xee; length]));
        for client in CLIENTS {
            let ended = fake.ask(client, &[]).succeeded();
            if client == "ntp_client_raw" {
                assert!(
                    ended.stdout.contains(&format!("{length} bytes, not read here")),
                    "{ended:?}"
                );
            }
        }
    }
}

#[test]
fn a_datagram_from_another_port_is_not_the_response() {
    // The stranger's answer comes first, and says that the time is 1000 s later.
    let fake = Fake::new(|socket, request, client| {
        let mut lie = good_answer(request);
        lie[32..40].copy_from_slice(&ntp(unix_now() + 1000.0).to_be_bytes());
        lie.copy_within(32..40, 40);
        udp().send_to(&lie, client).unwrap();
        socket.send_to(&good_answer(request), client).unwrap();
    });
    for client in CLIENTS {
        let ended = fake.ask(client, &[]).succeeded();
        assert!(number(&ended, "Offset: ").abs() < 400.0, "{ended:?}");
        if client == "ntp_client_raw" {
            assert!(
                ended.stderr.starts_with("note: rejected a datagram from 127.0.0.1:"),
                "{ended:?}"
            );
            assert!(ended.stderr.ends_with(": wrong source\n"), "{ended:?}");
        }
    }
}

#[cfg(target_os = "linux")] // every address of 127.0.0.0/8 is its own machine
#[test]
fn a_datagram_from_another_address_alone_leaves_a_timeout() {
    let fake = Fake::new(|_, request, client| {
        let stranger = UdpSocket::bind("127.0.0.2:0").unwrap();
        stranger.send_to(&good_answer(request), client).unwrap();
    });
    for client in CLIENTS {
        let ended = fake.ask(client, &["--timeout", "0.5"]);
        let ended = ended.failed_with(&format!("cannot receive from {}: Timed out", fake.address));
        let noted = ended.stderr.contains("rejected a datagram from 127.0.0.2:");
        assert_eq!(noted, client == "ntp_client_raw", "{ended:?}");
    }
}

#[test]
fn a_stream_of_strangers_does_not_stretch_the_timeout() {
    let fake = Fake::new(|_, request, client| {
        let (stranger, lie) = (udp(), good_answer(request));
        thread::spawn(move || {
            // Until the client has gone and its port refuses.
            stranger.connect(client).unwrap();
            while stranger.send(&lie).is_ok() {
                thread::park_timeout(Duration::from_millis(20));
            }
        });
    });
    fake.ask("ntp_client_raw", &["--timeout", "0.5"]).failed_with("cannot receive from 127.0.0.1:");
}

#[test]
fn silence_and_a_refusal_are_told_apart() {
    let silent = udp();
    for client in CLIENTS {
        let address = silent.local_addr().unwrap();
        let ended = ask(client, address, &["--timeout", "0.5"]);
        ended
            .failed_with(&format!("cannot receive from {address}: Timed out (ETIMEDOUT)"))
            .hints(&format!("firewall may drop what goes to UDP port {}", address.port()));
    }
    let refusing = SocketAddr::from(([127, 0, 0, 1], quiet_port()));
    let refused = ask("ntp_client", refusing, &[]);
    if cfg!(target_os = "linux") {
        refused
            .failed_with(&format!(
                "cannot receive from {refusing}: Connection refused (ECONNREFUSED)"
            ))
            .hints("no program listens on that port");
    }
    // The raw client's socket is not connected, so no refusal reaches it: it waits.
    let waited = ask("ntp_client_raw", refusing, &["--timeout", "0.5"]);
    waited.failed_with(&format!("cannot receive from {refusing}: "));
}

#[test]
fn the_clients_live_through_2036() {
    // The era ends on 2036-02-07 at 06:28:16 UTC: then the seconds start at 0 again.
    let cases: [(u64, u64, &str, &str); 4] = [
        (0xffff_ffff, 0xffff_ffff, "Thu Feb  7 06:28:15 2036", "2036-02-07 06:28:15.999999 UTC"),
        (0, 1, "Thu Feb  7 06:28:16 2036", "2036-02-07 06:28:16.000000 UTC"),
        (63_104, 0, "Fri Feb  8 00:00:00 2036", "2036-02-08 00:00:00.000000 UTC"),
        (63_104, 0xffff_ffff, "Fri Feb  8 00:00:00 2036", "2036-02-08 00:00:00.999999 UTC"),
    ];
    for (seconds, fraction, ctime, utc) in cases {
        let fake = Fake::changed(move |answer| {
            let time = seconds << 32 | fraction;
            answer[16..24].fill(0);
            answer[32..40].copy_from_slice(&time.to_be_bytes());
            answer[40..48].copy_from_slice(&time.to_be_bytes());
        });
        let era = if seconds < 1 << 31 { 1u64 << 32 } else { 0 };
        let expected = (era + seconds - FROM_1900_TO_1970) as f64 - unix_now();
        for client in CLIENTS {
            let mut command = Command::new(program(client));
            command.args(["127.0.0.1", "--port", &fake.address.port().to_string()]);
            let ended = run_command_in("UTC0", command).succeeded();
            let time = format!("Time: {ctime}\n");
            assert!(cfg!(windows) || ended.stdout.contains(&time), "{ended:?}"); // it has no TZ
            let slack = PATIENCE.as_secs_f64();
            assert!((number(&ended, "Offset: ") - expected).abs() < slack, "{ended:?}");
            if client == "ntp_client_raw" {
                assert!(meaning(&ended, "transmit timestamp").ends_with(utc), "{ended:?}");
                assert!(ended.stdout.contains(&format!("\nT3 {utc}  response sent")), "{ended:?}");
            }
        }
    }
}

/// Runs a program in this time zone, given as POSIX.1 writes it.
fn run_command_in(zone: &str, mut command: Command) -> Ended {
    command.env("TZ", zone);
    run_command(command)
}

#[cfg(unix)]
#[test]
fn the_time_is_in_the_form_and_time_zone_of_pythons_ctime() {
    if !needs(&["python3"]) {
        return;
    }
    // Half a year on, one of the two has summer time where the other has not.
    for skew in ["0", "15552000", "-40000000"] {
        let server = start("ntp_server", &["--port", "0", "--skew", skew]);
        let port = server.address().port().to_string();
        for zone in [
            "UTC0",
            "<-05>5",
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
        ] {
            let mut command = Command::new(program("ntp_client"));
            command.args(["127.0.0.1", "--port", &port, "--json"]);
            let ended = run_command_in(zone, command).succeeded();
            let unix = json_value(&ended, "unix");
            let seconds = unix.split('.').next().unwrap();
            let ctime = run_command_in(zone, python("lab3.py", &["ctime", seconds])).succeeded();
            assert_eq!(json_value(&ended, "time"), ctime.stdout.trim_end(), "in {zone}: {ended:?}");

            let mut command = Command::new(program("ntp_client_raw"));
            command.args(["127.0.0.1", "--port", &port]);
            let raw = run_command_in(zone, command).succeeded();
            let hour = &ctime.stdout[..13]; // the same but for the seconds that went by
            let line = raw.stdout.lines().find(|line| line.starts_with("Time: ")).unwrap();
            let minutes = seconds.parse::<u64>().unwrap() % 3600 / 60;
            assert!(line.contains(hour) || minutes == 59, "in {zone}: {raw:?}");
        }
    }
}

/// A value of the one JSON object on standard output, as Python reads it.
fn json_value(ended: &Ended, name: &str) -> String {
    let read = run_command(python("lab3.py", &["json", ended.stdout.trim_end()])).succeeded();
    let start = format!("{name} = ");
    let value = read.stdout.lines().find_map(|line| line.strip_prefix(&start));
    value.unwrap_or_else(|| panic!("no {name:?} in {ended:?}")).to_string()
}

#[test]
fn json_is_one_object_that_python_can_read() {
    if !needs(&["python3"]) {
        return;
    }
    let server = start("ntp_server", &["--port", "0", "--skew", "-1000.5"]);
    let address = server.address();
    let ended = ask("ntp_client", address, &["--json"]).succeeded();
    assert_eq!(ended.stdout.lines().count(), 1, "{ended:?}");
    let value = |name| json_value(&ended, name);
    let number = |name| value(name).parse::<f64>().unwrap();
    assert!((number("offset") + 1000.5).abs() < PATIENCE.as_secs_f64(), "{ended:?}");
    assert!((number("unix") + 1000.5 - unix_now()).abs() < PATIENCE.as_secs_f64(), "{ended:?}");
    assert!(number("delay") > 0.0 && number("delay") < PATIENCE.as_secs_f64(), "{ended:?}");
    assert_eq!(number("stratum"), 1.0);
    assert_eq!(value("server"), "127.0.0.1");
    assert_eq!(value("port"), address.port().to_string());
    assert_eq!(value("practice_server"), "False");
    let failed = ask("ntp_client", "127.0.0.1:9".parse().unwrap(), &["--json", "--timeout", "0.5"]);
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), ""));
}

#[test]
fn the_clients_speak_ipv6() {
    let Ok(socket) = UdpSocket::bind("[::1]:0") else {
        skip::<()>("no IPv6 on this machine");
        return;
    };
    let fake = Fake::on(socket, |socket, request, client| {
        socket.send_to(&good_answer(request), client).unwrap();
    });
    for client in CLIENTS {
        fake.ask(client, &[]).succeeded();
        fake.ask(client, &["-6"]).succeeded();
        fake.ask(client, &["-4"]).failed_with("cannot resolve ::1: ");
    }
}

// ---------------------------------------------------------------- where the network is missing

#[test]
fn offline_the_practice_server_is_asked_and_every_result_says_so() {
    for client in CLIENTS {
        let Some(ended) = Private::network().run(client, &[]) else { return };
        let ended = ended.succeeded();
        let offset = number(&ended, "Offset: ");
        assert!(
            (offset - 2.5).abs() <= number(&ended, "Round-trip delay: ") / 2.0 + 0.001,
            "{ended:?}"
        );
        assert!(
            ended
                .stdout
                .contains("The server's clock is 2.5 s ahead of this machine's, on purpose")
        );
        let is_table = |line: &&str| {
            line.starts_with("offset  field") || line.starts_with(' ') || line.is_empty()
        };
        for line in ended.stdout.lines().filter(|line| !is_table(line)) {
            let marked = line.ends_with(" (practice server)");
            assert!(marked, "{line:?}\n{ended:?}");
        }
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        assert!(
            ended.stderr.starts_with("note: pool.ntp.org is out of reach (cannot resolve"),
            "{ended:?}"
        );
    }
}

#[test]
fn offline_the_json_says_practice_server() {
    let Some(ended) = Private::network().run("ntp_client", &["--json"]) else { return };
    let ended = ended.succeeded();
    assert!(
        ended.stdout.ends_with("\"practice_server\":true,\"practice_skew\":2.5}\n"),
        "{ended:?}"
    );
    if needs(&["python3"]) {
        assert_eq!(json_value(&ended, "practice_server"), "True");
    }
}

#[test]
fn offline_a_named_server_and_online_are_errors() {
    for client in CLIENTS {
        for (args, sentence) in [
            (&["--online"][..], "cannot resolve pool.ntp.org: "),
            (&["ntp.example"], "cannot resolve ntp.example: "),
            (&["pool.ntp.org"], "cannot resolve pool.ntp.org: "),
            (&["192.0.2.1"], "192.0.2.1:123: Network is unreachable (ENETUNREACH)"),
        ] {
            let Some(ended) = Private::network().run(client, args) else { return };
            assert_eq!(ended.code, Some(1), "{ended:?}");
            assert!(ended.stderr.contains(sentence), "{sentence}\n{ended:?}");
            assert!(ended.stderr.starts_with("error: "), "{ended:?}");
            assert!(!ended.stdout.contains("Offset"), "{ended:?}");
        }
    }
}

#[test]
fn where_port_123_is_silent_or_refused_the_practice_server_is_asked() {
    let refusing = Private::network().file("/etc/hosts", "127.0.0.1 pool.ntp.org\n");
    let silent = refusing.clone().with_silent_server("127.0.0.1", "123");
    for client in CLIENTS {
        for machine in [&silent, &refusing] {
            let Some(ended) = machine.run(client, &["--timeout", "0.5"]) else { return };
            let ended = ended.succeeded();
            assert!(
                ended.stderr.contains(
                    "note: pool.ntp.org is out of reach (cannot receive from 127.0.0.1:123: "
                ),
                "{ended:?}"
            );
            assert!(ended.stdout.contains("Offset: +2."), "{ended:?}");
        }
        let Some(ended) = silent.run(client, &["--timeout", "0.5", "--online"]) else { return };
        ended.failed_with("cannot receive from 127.0.0.1:123: Timed out");
    }
}

#[test]
fn a_silent_name_server_does_not_stretch_the_timeout() {
    // The resolver would wait for minutes, and this test does not wait so long.
    let machine = Private::network().with_silent_name_server();
    for client in CLIENTS {
        let Some(ended) = machine.run(client, &["--timeout", "0.5"]) else { return };
        let ended = ended.succeeded();
        assert!(
            ended.stderr.contains("cannot resolve pool.ntp.org: Timed out (ETIMEDOUT)"),
            "{ended:?}"
        );
        let Some(ended) = machine.run(client, &["--timeout", "0.5", "ntp.example"]) else {
            return;
        };
        ended
            .failed_with("cannot resolve ntp.example: Timed out (ETIMEDOUT)")
            .hints("the name server is silent");
    }
}

#[test]
fn the_default_server_is_pool_ntp_org_at_port_123_and_every_address_is_tried() {
    if !needs(&["nsenter"]) {
        return;
    }
    // The system puts 127.0.0.1 first, because its own address is nearer to it (RFC 6724, rule 9).
    let hosts = "127.0.0.1 pool.ntp.org\n127.0.0.3 pool.ntp.org\n";
    let machine = Private::network().file("/etc/hosts", hosts);
    let listen = ["--port", "123", "--host", "127.0.0.3"];
    let Some(server) = machine.start("ntp_server", &listen) else { return };
    server.prints("ready");
    for client in CLIENTS {
        let ended = run_beside(&server, client, &[]).succeeded();
        assert!(!ended.stdout.contains("practice"), "{ended:?}");
        assert!(number(&ended, "Offset: ") > 2.0, "{ended:?}");
        // The first address refuses, or is silent for its half of the time.
        assert!(ended.stderr.contains("note: cannot receive from 127.0.0.1:123: "), "{ended:?}");
        assert!(ended.stderr.contains("trying the next address"), "{ended:?}");
    }
}

// ---------------------------------------------------------------- the server

#[test]
fn ntplib_reads_the_skewed_time() {
    if !needs(&["python3"]) || !has_ntplib() || !lives_before_2036("ntplib") {
        return;
    }
    let server = start("ntp_server", &["--port", "0", "--skew", "-7200.25"]);
    let port = server.address().port().to_string();
    for version in ["1", "2", "3", "4"] {
        let ended = run_command(python("lab3.py", &["ntplib_client", &port, version])).succeeded();
        let words: Vec<f64> = ended
            .stdout
            .lines()
            .nth(1)
            .unwrap()
            .split(' ')
            .map(|word| word.parse().unwrap())
            .collect();
        let [offset, delay, stratum, their_version, mode] = words[..] else { panic!("{ended:?}") };
        assert!((offset + 7200.25).abs() <= delay / 2.0 + 0.001, "{ended:?}");
        assert_eq!((stratum, mode), (1.0, 4.0));
        assert_eq!(their_version.to_string(), version);
    }
}

/// Some clients write their own clock into 32 bits as if these had no end.
fn lives_before_2036(client: &str) -> bool {
    unix_now() < (1_u64 << 32) as f64 - FROM_1900_TO_1970 as f64
        || skip::<()>(&format!("{client} cannot be used from 2036 on")).is_some()
}

fn has_ntplib() -> bool {
    let mut trial = Command::new("python3");
    trial.args(["-c", "import ntplib"]);
    run_command(trial).code == Some(0)
        || skip::<()>("ntplib (of Python) is not installed").is_some()
}

#[test]
fn the_python_client_that_sends_0x1b_by_hand_reads_the_skewed_time() {
    if !needs(&["python3"]) {
        return;
    }
    let server = start("ntp_server", &["--port", "0", "--skew", "100000"]);
    let port = server.address().port().to_string();
    let ended = run_command(python("lab3.py", &["by_hand_client", &port])).succeeded();
    let seconds: f64 = ended.stdout.lines().nth(1).unwrap().parse().unwrap();
    // It knows no era: from 2036 on it is wrong by 2³² seconds, as such clients are.
    let wrong = (seconds - 100_000.0 - unix_now()).rem_euclid(2_f64.powi(32));
    assert!(wrong.min(2_f64.powi(32) - wrong) < PATIENCE.as_secs_f64(), "{ended:?}");
}

#[test]
fn chronyd_measures_the_skew() {
    if !needs(&["chronyd"]) {
        return;
    }
    let server = start("ntp_server", &["--port", "0", "--skew", "42.5"]);
    let mut command = Command::new(tool("chronyd"));
    command.args(["-Q", "-x", "-U", "-t", "50", "cmdport 0"]);
    command.arg(format!("pidfile {}", scratch("chronyd-asks").display()));
    command.arg(format!("server 127.0.0.1 port {} iburst", server.address().port()));
    let ended = run_command(command).succeeded();
    let words = ended.stderr.split_once("System clock wrong by ").map(|(_, words)| words);
    let wrong: f64 = words
        .and_then(|words| words.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("{ended:?}"));
    assert!((wrong - 42.5).abs() < 5.0, "{ended:?}");
}

#[test]
fn ntpdig_reads_the_skewed_time_at_port_123() {
    // ntpdig has no option for the port: in a network of its own the server may have port 123.
    if !needs(&["ntpdig", "nsenter"]) || !lives_before_2036("ntpdig") {
        return;
    }
    let listen = ["--port", "123", "--skew", "-33.5"];
    let Some(server) = Private::network().start("ntp_server", &listen) else { return };
    server.prints("ready");
    let ended = run_command(beside(&server, &["ntpdig", "-4", "-j", "127.0.0.1"])).succeeded();
    let (_, offset) = ended.stdout.split_once("\"offset\":").unwrap_or_else(|| panic!("{ended:?}"));
    let offset: f64 = offset.split(',').next().unwrap().parse().unwrap();
    assert!((offset + 33.5).abs() < 5.0, "{ended:?}");
    assert!(ended.stdout.contains("\"stratum\":1,\"leap\":\"no-leap\""), "{ended:?}");
}

/// Sends a datagram and then a good request, and returns the first answer that comes.
fn first_answer_after(client: &UdpSocket, server: SocketAddr, datagram: &[u8]) -> Vec<u8> {
    client.send_to(datagram, server).unwrap();
    let mut good = request(4, 3);
    good[40] = 0xfe;
    client.send_to(&good, server).unwrap();
    let mut answer = [0; 2000];
    let length = client.recv(&mut answer).unwrap();
    answer[..length].to_vec()
}

#[test]
fn requests_are_answered_by_the_rules_of_rfc_4330() {
    let server = start("ntp_server", &["--port", "0"]);
    let address = server.address();
    server.prints("Its clock is 2.5 s ahead of this machine's");
    for (version, mode, reply) in [(1, 3, 4), (2, 3, 4), (3, 3, 4), (4, 3, 4), (4, 1, 2)] {
        let client = udp();
        let mut request = request(version, mode).to_vec();
        request[2] = 6; // poll
        request.extend([9; 500]); // something behind the header
        let before = ntp(unix_now() + 2.5);
        client.send_to(&request, address).unwrap();
        let mut buffer = [0; 2000];
        let (length, sender) = client.recv_from(&mut buffer).unwrap();
        let after = ntp(unix_now() + 2.5);
        let answer = &buffer[..length];
        assert_eq!((length, sender), (48, address));
        assert_eq!(answer[0], version << 3 | reply, "no leap, version copied, mode");
        assert_eq!((answer[1], answer[2]), (1, 6), "stratum, poll copied");
        assert_eq!(answer[24..32], request[40..48], "origin is the client's transmit timestamp");
        let time = |at: usize| u64::from_be_bytes(answer[at..at + 8].try_into().unwrap());
        let slack = 1 << 24; // 4 ms: two clocks are not read alike
        assert!(before <= time(32) + slack && time(32) <= time(40), "{answer:?}");
        assert!(time(40) <= after + slack && time(16) <= time(40), "{answer:?}");
        server.prints(&format!("Answered 127.0.0.1 port {}", client.local_addr().unwrap().port()));
    }
}

#[test]
fn what_is_no_request_gets_no_answer_and_does_no_harm() {
    let server = start("ntp_server", &["--port", "0"]);
    let address = server.address();
    let client = udp();
    let mut hostile: Vec<Vec<u8>> =
        vec![vec![], vec![0x1b], request(4, 3)[..47].to_vec(), vec![0xff; 65_507]];
    let short = hostile[2].clone();
    hostile.extend([0, 2, 4, 5, 6, 7].map(|mode| request(4, mode).to_vec()));
    hostile.extend([0, 5, 6, 7].map(|version| request(version, 3).to_vec()));
    for datagram in &hostile {
        let answer = first_answer_after(&client, address, datagram);
        assert_eq!(answer[24], 0xfe, "answered {:?}", &datagram[..datagram.len().min(48)]);
    }
    for (datagram, why) in [
        (short, "it has 47 bytes, and an NTP header has 48"),
        (request(4, 4).to_vec(), "its mode is 4, and a client's is 3"),
        (request(7, 3).to_vec(), "its version is 7, and NTP's are 1 to 4"),
    ] {
        let server = start("ntp_server", &["--port", "0"]);
        client.send_to(&datagram, server.address()).unwrap();
        server.warns(&format!(
            "note: ignored a datagram from {}: {why}",
            client.local_addr().unwrap()
        ));
    }
}

#[test]
fn a_flood_of_what_is_no_request_is_one_line_a_second_with_a_count() {
    let server = start("ntp_server", &["--port", "0"]);
    let address = server.address();
    let (client, started) = (udp(), Instant::now());
    for _ in 0..2_000 {
        // Each before the next: none is lost.
        first_answer_after(&client, address, b"no request");
    }
    let ended = server.interrupt().succeeded();
    let (lines, ignored) = complaints(&ended.stderr, "note: ignored a datagram from ");
    assert!(lines as u64 <= started.elapsed().as_secs() + 2, "{lines} lines");
    assert_eq!(ignored, 2_000, "{}", ended.stderr);
}

#[test]
fn a_client_that_has_gone_does_not_end_the_server() {
    let mut server = start("ntp_server", &["--port", "0"]);
    let address = server.address();
    for _ in 0..50 {
        udp().send_to(&request(4, 3), address).unwrap(); // closed at once: the answer is refused
    }
    ask("ntp_client", address, &[]).succeeded();
    assert!(server.is_alive());
}

#[test]
fn ctrl_c_ends_the_server_with_a_summary() {
    let server = start("ntp_server", &["--port", "0"]);
    let address = server.address();
    for _ in 0..2 {
        ask("ntp_client", address, &[]).succeeded();
    }
    server.prints_times("Answered 127.0.0.1 port ", 2);
    let ended = server.interrupt().succeeded();
    assert!(ended.stdout.ends_with("Stopped by Ctrl-C. Requests answered: 2\n"), "{ended:?}");
}

#[test]
fn many_clients_are_served_at_once() {
    let server = start("ntp_server", &["--port", "0", "--skew", "500"]);
    let address = server.address();
    let clients: Vec<_> = (0..8)
        .map(|i| thread::spawn(move || ask(CLIENTS[i % 2], address, &["--timeout", "30"])))
        .collect();
    for client in clients {
        let ended = client.join().unwrap().succeeded();
        assert!(number(&ended, "Offset: ") > 400.0, "{ended:?}");
    }
}

#[test]
fn the_server_says_where_it_is_and_who_has_its_port() {
    let server = start("ntp_server", &["--port", "0"]);
    let port = server.address().port().to_string();
    let second = run("ntp_server", &["--port", &port]);
    let second = second
        .failed_with(&format!("cannot bind 127.0.0.1:{port}: Address already in use (EADDRINUSE)"));
    if cfg!(target_os = "linux") {
        second.hints(&format!("ntp_server (process {})", server.pid()));
    }
    let open = start("ntp_server", &["--port", "0", "--host", ""]);
    open.warns("reachable from the whole network");
    let address = open.address();
    assert_eq!(address.ip(), IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    ask("ntp_client", SocketAddr::from(([127, 0, 0, 1], address.port())), &[]).succeeded();
    drop(server);
    eventually("the port is free again", || UdpSocket::bind(format!("127.0.0.1:{port}")).is_ok());
}

#[test]
fn a_skew_may_be_negative_and_reach_beyond_2036() {
    let server = start("ntp_server", &["--port", "0", "--skew", "-2.5"]);
    server.prints("Its clock is 2.5 s behind this machine's");
    let server = start("ntp_server", &["--port", "0", "--skew", "900000000"]);
    for client in CLIENTS {
        let ended = ask(client, server.address(), &[]).succeeded();
        let offset = number(&ended, "Offset: ");
        assert!((offset - 9e8).abs() < PATIENCE.as_secs_f64(), "{ended:?}");
    }
}

// ---------------------------------------------------------------- usage

#[test]
fn wrong_usage_exits_2_and_names_the_value() {
    for (program, args, named) in [
        ("ntp_client", &["--port", "99999"][..], "99999"),
        ("ntp_client", &["--port", "0"], "'0'"),
        ("ntp_client", &["--timeout", "soon"], "soon"),
        ("ntp_client", &["--timeout", "0"], "'0'"),
        ("ntp_client", &["-4", "-6"], "-6"),
        ("ntp_client", &["one", "two"], "two"),
        ("ntp_client_raw", &["--port", "99999"], "99999"),
        ("ntp_client_raw", &["--json"], "--json"),
        ("ntp_client_raw", &["--timeout", "-1"], "-1"),
        ("ntp_server", &["--port", "65536"], "65536"),
        ("ntp_server", &["--skew", "fast"], "fast"),
        ("ntp_server", &["--skew", "NaN"], "NaN"),
        ("ntp_server", &["--skew", "1e10"], "1e10"),
        ("ntp_server", &["surplus"], "surplus"),
    ] {
        let ended = run(program, args);
        assert_eq!(ended.code, Some(2), "{program} {args:?}: {ended:?}");
        assert!(ended.stderr.contains(named), "{ended:?}");
    }
    let ended = run("ntp_client", &["--port", "99999"]);
    assert!(ended.stderr.contains("65535"), "{ended:?}");
}

#[test]
fn help_shows_an_example() {
    for program in ["ntp_client", "ntp_client_raw", "ntp_server"] {
        let help = run(program, &["--help"]).succeeded();
        assert!(help.stdout.contains(&format!("Example: {program} ")), "{help:?}");
        run(program, &["--version"]).succeeded();
    }
}
