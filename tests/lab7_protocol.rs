//! Lab 7: the protocol as its document describes it (`docs/protocol-mandela.md`), and as Wireshark
//! shows it (`docs/mandela.lua`).

#![allow(clippy::unwrap_used)] // the helpers here, too

mod common;

use std::env;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use common::{Ended, needs, run_command};
#[cfg(target_os = "linux")]
use common::{Private, Running, beside, program, run_beside, skip};
use socket_labs::mandela::{Datagram, LONGEST_QUOTE, QUOTE};

// The document.

/// An example of the document: what it says, and its bytes.
struct Vector {
    text: String,
    bytes: Vec<u8>,
}

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// The examples in section 7 that stand there byte for byte.
fn vectors() -> Vec<Vector> {
    let document = fs::read_to_string(document("protocol-mandela.md")).unwrap();
    let examples = document.split("**Vector ").skip(1);
    let vectors: Vec<Vector> = examples.filter_map(vector).collect();
    assert_eq!(vectors.len(), 11, "Vector 6 is too long to be shown");
    vectors
}

fn vector(example: &str) -> Option<Vector> {
    let (text, rest) = example.split_once("```text\n")?;
    let (dump, _) = rest.split_once("```")?;
    let mut bytes = Vec::new();
    for line in dump.lines() {
        let (offset, row) = line.split_once("  ").unwrap();
        assert_eq!(offset.parse(), Ok(bytes.len()), "{text}");
        bytes.extend(row.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()));
    }
    Some(Vector { text: text.replace('\n', " "), bytes })
}

#[test]
fn each_vector_of_the_document_is_what_it_says() {
    for Vector { text, bytes } in vectors() {
        match Datagram::parse(&bytes) {
            Ok(Datagram { timestamp, address, port, quote }) => {
                let size = bytes.len();
                let values =
                    format!("timestamp {timestamp}, address {address}, port {port}, {size} bytes.");
                assert!(text.contains(&values), "{values}\n{text}");
                assert_eq!(text.contains("Quote:"), !quote.is_empty(), "{text}");
                assert!(text.contains(&format!("`{quote}`")) || quote.is_empty(), "{text}");
            }
            Err(fault) => assert!(text.contains(&format!(": {fault}.")), "{fault}\n{text}"),
        }
    }
    let good = vectors().iter().filter(|vector| Datagram::parse(&vector.bytes).is_ok()).count();
    assert_eq!(good, 5);
}

#[test]
fn the_longest_datagram_has_the_checksum_of_the_document() {
    let quote = "q".repeat(LONGEST_QUOTE);
    let bytes = Datagram { quote: &quote, ..EXAMPLE }.emit().unwrap();
    let checksum = u32::from_be_bytes(*bytes.first_chunk().unwrap());
    let document = fs::read_to_string(document("protocol-mandela.md")).unwrap().replace('\n', " ");
    assert!(document.contains(&format!("its checksum is `{checksum:#010x}`")), "{checksum:#010x}");
}

// Wireshark.

const EXAMPLE: Datagram =
    Datagram { timestamp: 1_700_000_000, address: Ipv4Addr::LOCALHOST, port: 5005, quote: QUOTE };

/// When the packets of a file were captured: 2.25 seconds after [`EXAMPLE`] was sent.
const CAPTURED: (u32, u32) = (1_700_000_002, 250_000);

/// A UDP datagram, the ports that it goes between, and how many bytes of the packet were captured.
struct Packet {
    ports: (u16, u16),
    payload: Vec<u8>,
    captured: usize,
}

/// A datagram that was captured whole, from port 5006 to port 5005.
fn packet(payload: &[u8]) -> Packet {
    Packet { ports: (5006, 5005), payload: payload.to_vec(), captured: usize::MAX }
}

/// The bytes of the packet, from 127.0.0.1 to 127.0.0.1: the headers of IPv4 (RFC 791) and of UDP
/// (RFC 768), both without a checksum, and the payload.
fn emit(packet: &Packet) -> Vec<u8> {
    let length = packet.payload.len() as u16 + 8;
    let mut bytes = vec![0x45, 0];
    bytes.extend((length + 20).to_be_bytes());
    bytes.extend([0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    for field in [packet.ports.0, packet.ports.1, length, 0] {
        bytes.extend(field.to_be_bytes());
    }
    bytes.extend(&packet.payload);
    bytes
}

/// The packets as a file of tcpdump (draft-ietf-opsawg-pcap), with bare IPv4 packets in it.
fn pcap(packets: &[Packet]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 228] {
        file.extend(u32::to_le_bytes(word));
    }
    for packet in packets {
        let bytes = emit(packet);
        let captured = bytes.len().min(packet.captured);
        for word in [CAPTURED.0, CAPTURED.1, captured as u32, bytes.len() as u32] {
            file.extend(word.to_le_bytes());
        }
        file.extend(&bytes[..captured]);
    }
    file
}

/// A folder that is removed in the end. Wireshark takes it for the home of its user, so that no
/// settings and no other copy of the dissector get in the way.
struct Home(PathBuf);

impl Home {
    fn new() -> Home {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let home = env::temp_dir().join(format!("mandela-{}-{number}", process::id()));
        fs::create_dir(&home).unwrap();
        Home(home)
    }

    fn file(&self) -> PathBuf {
        self.0.join("packets")
    }

    /// What the dissector makes of the file, by `tshark` with these arguments.
    fn tshark(&self, args: &[&str]) -> Ended {
        let mut tshark = Command::new("tshark");
        tshark.arg("-n").arg("-r").arg(self.file());
        tshark.arg("-X").arg(format!("lua_script:{}", document("mandela.lua").display()));
        tshark.args(args).env("HOME", &self.0).env("XDG_CONFIG_HOME", &self.0);
        tshark.env("WIRESHARK_CONFIG_DIR", &self.0).env("TZ", "UTC");
        let ended = run_command(tshark).succeeded();
        assert!(!ended.stderr.contains("Lua"), "{ended:?}");
        ended
    }

    /// The fields of each packet of the file.
    fn dissected(&self, args: &[&str]) -> Vec<Dissected> {
        let fields = FIELDS.iter().flat_map(|field| ["-e", field]);
        let fields: Vec<&str> = ["-T", "fields"].into_iter().chain(fields).collect();
        let table = self.tshark(&[args, &fields].concat()).stdout;
        table.lines().map(Dissected::new).collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const FIELDS: [&str; 10] = [
    "frame.protocols",
    "mandela.checksum.status",
    "mandela.checksum.expected",
    "mandela.timestamp",
    "mandela.sent",
    "mandela.elapsed",
    "mandela.address",
    "mandela.port",
    "mandela.quote",
    "_ws.expert.message",
];

/// What the dissector says of one packet; what it does not show is empty.
#[derive(Debug)]
struct Dissected(Vec<String>);

impl Dissected {
    fn new(line: &str) -> Dissected {
        let values: Vec<String> = line.split('\t').map(String::from).collect();
        assert_eq!(values.len(), FIELDS.len(), "{line:?}");
        Dissected(values)
    }

    fn field(&self, name: &str) -> &str {
        &self.0[FIELDS.iter().position(|field| *field == name).unwrap()]
    }

    fn is_mandela(&self) -> bool {
        self.field("frame.protocols").contains("udp:mandela")
    }

    /// Asserts these values of fields.
    #[track_caller]
    fn has(&self, expected: &[(&str, &str)]) {
        assert!(self.is_mandela(), "{self:?}");
        for (name, value) in expected {
            assert_eq!(self.field(name), *value, "{name} of {self:?}");
        }
    }

    fn elapsed(&self) -> f64 {
        self.field("mandela.elapsed").parse().unwrap()
    }
}

const BAD: &str = "0";
const GOOD: &str = "1";
const UNVERIFIED: &str = "2";

/// What the dissector says of these packets; `None` where there is no Wireshark.
fn dissect(packets: &[Packet], args: &[&str]) -> Option<Vec<Dissected>> {
    if !needs(&["tshark"]) {
        return None;
    }
    let home = Home::new();
    fs::write(home.file(), pcap(packets)).unwrap();
    let dissected = home.dissected(args);
    assert_eq!(dissected.len(), packets.len(), "{dissected:?}");
    Some(dissected)
}

#[test]
fn wireshark_says_of_each_vector_what_the_document_says() {
    let vectors = vectors();
    let packets: Vec<Packet> = vectors.iter().map(|vector| packet(&vector.bytes)).collect();
    let Some(all) = dissect(&packets, &[]) else { return };
    for (Vector { bytes, .. }, dissected) in vectors.iter().zip(all) {
        let message = dissected.field("_ws.expert.message");
        match Datagram::parse(bytes) {
            Ok(Datagram { timestamp, address, port, quote }) => {
                dissected.has(&[
                    ("mandela.checksum.status", GOOD),
                    ("mandela.checksum.expected", ""),
                    ("mandela.timestamp", &timestamp.to_string()),
                    ("mandela.address", &address.to_string()),
                    ("mandela.port", &port.to_string()),
                ]);
                // Wireshark puts a backslash before a double quote.
                let shown = dissected.field("mandela.quote").replace('\\', "");
                assert_eq!(shown, quote.replace('\\', ""));
                let differs = format!("it says {address}, but it came from 127.0.0.1");
                let expected = if address.is_loopback() { "" } else { &differs };
                assert_eq!(message, expected);
            }
            Err(fault) => {
                assert!(dissected.is_mandela(), "{dissected:?}");
                assert_eq!(message, fault.to_string());
            }
        }
    }
}

#[test]
fn wireshark_shows_the_right_checksum_beside_a_wrong_one() {
    let mut changed = EXAMPLE.emit().unwrap();
    changed[30] ^= 0x20;
    let Some(all) = dissect(&[packet(&changed)], &[]) else { return };
    let expected = adler::adler32_slice(&changed[4..]);
    all[0].has(&[
        ("mandela.checksum.status", BAD),
        ("mandela.checksum.expected", &format!("{expected:#010x}")),
    ]);
    let message = all[0].field("_ws.expert.message");
    assert_eq!(message, Datagram::parse(&changed).unwrap_err().to_string());
}

#[test]
fn wireshark_shows_when_a_datagram_was_sent_and_the_time_since_then() {
    let sent_at = |timestamp| packet(&Datagram { timestamp, ..EXAMPLE }.emit().unwrap());
    let (ahead, last_of_9999) = (EXAMPLE.timestamp + 10, 253_402_300_799);
    let times = [EXAMPLE.timestamp, ahead, 0, last_of_9999, last_of_9999 + 1, u64::MAX];
    let Some(all) = dissect(&times.map(sent_at), &[]) else { return };
    assert!(all[0].field("mandela.sent").contains("22:13:20"), "{all:?}");
    for (dissected, elapsed) in all.iter().zip([2.25, -7.75, 1_700_000_002.25, -251_702_300_796.75])
    {
        assert_eq!(dissected.elapsed(), elapsed, "{dissected:?}");
    }
    for far in &all[4..] {
        far.has(&[("mandela.sent", ""), ("mandela.elapsed", ""), ("_ws.expert.message", "")]);
    }
}

#[test]
fn no_datagram_is_too_short_too_long_or_too_odd_for_wireshark() {
    let example = EXAMPLE.emit().unwrap();
    let mut packets: Vec<Packet> = (1..=example.len()).map(|n| packet(&example[..n])).collect();
    let longest = "q".repeat(LONGEST_QUOTE);
    packets.push(packet(&Datagram { quote: &longest, ..EXAMPLE }.emit().unwrap()));
    packets.push(packet(&[0xff; 65_507]));
    let odd = "zero \0 escape \u{1b}[2J C1 \u{9b} tab \u{202e}";
    packets.push(packet(&Datagram { quote: odd, ..EXAMPLE }.emit().unwrap()));
    let Some(all) = dissect(&packets, &[]) else { return };
    for (dissected, packet) in all.iter().zip(&packets) {
        let expected = match Datagram::parse(&packet.payload) {
            Ok(_) => String::new(),
            Err(fault) => fault.to_string(),
        };
        let message = dissected.field("_ws.expert.message");
        assert_eq!((message, dissected.is_mandela()), (&expected[..], true));
    }
    let shown = all.last().unwrap().field("mandela.quote");
    assert!(shown.starts_with("zero ␀ escape ") && shown.contains("C1"), "{shown:?}");
}

#[test]
fn wireshark_does_not_blame_a_datagram_that_was_captured_in_part() {
    let cut = |captured| Packet { captured, ..packet(&EXAMPLE.emit().unwrap()) };
    let Some(all) = dissect(&[cut(60), cut(28 + 18), cut(40)], &[]) else { return };
    for dissected in &all {
        dissected.has(&[("_ws.expert.message", "")]);
    }
    all[0].has(&[("mandela.checksum.status", UNVERIFIED), ("mandela.timestamp", "1700000000")]);
    all[2].has(&[("mandela.checksum.status", "")]);
}

#[test]
fn wireshark_knows_a_good_datagram_on_any_port_and_a_bad_one_on_ports_that_it_is_told() {
    let good = EXAMPLE.emit().unwrap();
    let mut bad = good.clone();
    bad[0] ^= 1;
    let on = |payload: &[u8], ports| Packet { ports, ..packet(payload) };
    let packets = [
        on(&good, (7777, 8888)),
        on(&bad, (7777, 8888)),
        on(b"hello", (7777, 8888)),
        on(&bad, (40_000, 5006)),
    ];
    for (args, known) in [
        (&[][..], [true, false, false, true]),
        (&["-d", "udp.port==8888,mandela"], [true, true, true, true]),
        (&["-o", "mandela.ports:7777"], [true, true, true, false]),
    ] {
        let Some(all) = dissect(&packets, args) else { return };
        let found: Vec<bool> = all.iter().map(Dissected::is_mandela).collect();
        assert_eq!(found, known, "{args:?}");
    }
}

#[test]
fn the_list_of_packets_shows_the_quote_without_control_characters() {
    if !needs(&["tshark"]) {
        return;
    }
    let quote = "señor 漢字 \u{1b}[2J \u{9b}31m end";
    let mut bad = EXAMPLE.emit().unwrap();
    bad[0] ^= 1;
    let odd = Datagram { quote, ..EXAMPLE }.emit().unwrap();
    let home = Home::new();
    fs::write(home.file(), pcap(&[packet(&odd), packet(&bad), packet(b"hello")])).unwrap();
    let list = home.tshark(&[]).stdout;
    let rows: Vec<&str> = list.lines().collect();
    assert!(rows[0].ends_with("5006 → 5005  señor 漢字 .[2J .31m end"), "{list}");
    assert!(rows[1].contains("[wrong checksum] \"It always"), "{list}");
    assert!(rows[2].ends_with("[too short, 5 bytes where 18 is the least]"), "{list}");
}

/// A machine of its own with a listening peer on it, and a capture of the next datagrams for that
/// peer. `None`, after saying why, where this system does not let a program capture.
#[cfg(target_os = "linux")]
fn capture(home: &Home, number: &str) -> Option<(Running, Running)> {
    if !needs(&["tshark", "dumpcap", "nsenter"]) {
        return None;
    }
    // With a file of its own, because an ordinary user may not enter the mount namespace of all.
    let machine = Private::network().file("/etc/hosts", "127.0.0.1 localhost\n");
    let peer = machine.start("mandela", &[])?;
    peer.prints("Listening on 127.0.0.1:5005");
    let filter = ["dumpcap", "-i", "lo", "-f", "udp dst port 5005"];
    let trial = run_command(beside(&peer, &[&filter[..], &["-d"]].concat()));
    if trial.code != Some(0) {
        return skip(&format!("this system does not let dumpcap capture: {}", trial.stderr));
    }
    let file = home.file().display().to_string();
    let to_file = [&filter[..], &["-c", number, "-w", &file]].concat();
    let capture = Running::start(beside(&peer, &to_file));
    capture.warns("File: "); // said when it has begun
    Some((peer, capture))
}

/// Sends bytes without a line end as one datagram to the listening peer.
#[cfg(target_os = "linux")]
fn send_beside(peer: &Running, bytes: &[u8]) {
    use std::io::Write;

    let netcat = program("netcat").display().to_string();
    let mut command = beside(peer, &[&netcat, "-u", "127.0.0.1", "5005"]);
    command.stdin(Stdio::piped());
    let mut netcat = Running::start(command);
    netcat.stdin().write_all(bytes).unwrap();
    netcat.ended().succeeded();
}

#[test]
#[cfg(target_os = "linux")]
fn wireshark_shows_what_a_real_peer_sends() {
    let home = Home::new();
    let Some((peer, capture)) = capture(&home, "3") else { return };
    let quote = "señor 漢字";
    let args = ["--port", "5006", "--peer", "127.0.0.1:5005", "--count", "1", "--interval", "0.1"];
    run_beside(&peer, "mandela", &[&args[..], &["--quote", quote]].concat()).succeeded();
    let mut bad = EXAMPLE.emit().unwrap();
    bad[0] ^= 1;
    assert!(!bad.contains(&b'\n'), "netcat would make two datagrams of it");
    send_beside(&peer, &bad);
    send_beside(&peer, b"hello");
    capture.ended().succeeded();

    let all = home.dissected(&[]);
    assert_eq!(all.len(), 3, "{all:?}");
    all[0].has(&[
        ("mandela.checksum.status", GOOD),
        ("mandela.address", "127.0.0.1"),
        ("mandela.port", "5006"),
        ("mandela.quote", quote),
        ("_ws.expert.message", ""),
    ]);
    assert!((0.0..60.0).contains(&all[0].elapsed()), "{all:?}");
    all[1].has(&[("mandela.checksum.status", BAD), ("mandela.port", "5005")]);
    let message = all[1].field("_ws.expert.message");
    assert_eq!(message, Datagram::parse(&bad).unwrap_err().to_string());
    all[2].has(&[("_ws.expert.message", "too short, 5 bytes where 18 is the least")]);
    // The peer said the same of them.
    peer.prints(quote);
    peer.warns("bad datagrams ignored: ");
}
