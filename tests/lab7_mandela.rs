//! Lab 7: the Mandela peer, client and server at once.

#![allow(clippy::unwrap_used)] // the helpers here, too
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))] // of tests that are not for every system

mod common;

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
#[cfg(unix)]
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use common::{
    Ended, PATIENCE, Private, Running, eventually, free_udp_port, needs, python, run, run_beside,
    run_command, start, udp,
};
use socket_labs::bytes::hex;
use socket_labs::mandela::{Datagram, LARGEST_DATAGRAM, LONGEST_QUOTE, MOST_SOURCES, QUOTE};

/// Runs a listening peer, and returns it with its address.
fn listen(args: &[&str]) -> (Running, SocketAddr) {
    let peer = start("mandela", &[&["--port", "0"], args].concat());
    let line = match args.contains(&"--json") {
        true => peer.warns("Listening on "),
        false => peer.prints("Listening on "),
    };
    let address = line.trim_end().rsplit(' ').next().unwrap().parse().unwrap();
    (peer, address)
}

/// Runs a peer that sends to these addresses, with its own port chosen by the system.
fn send_to(peers: &[SocketAddr], args: &[&str]) -> Running {
    let peers: Vec<String> = peers.iter().map(|peer| format!("--peer={peer}")).collect();
    let peers = peers.iter().map(String::as_str);
    let all: Vec<&str> = ["--port", "0"].into_iter().chain(peers).chain(args.to_vec()).collect();
    start("mandela", &all)
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// The bytes of a datagram, as its sender on 127.0.0.1 port 4711 would send it now.
fn bytes(quote: &str) -> Vec<u8> {
    datagram(now(), quote)
}

fn datagram(timestamp: u64, quote: &str) -> Vec<u8> {
    let datagram = Datagram { timestamp, address: Ipv4Addr::LOCALHOST, port: 4711, quote };
    datagram.emit().unwrap()
}

/// A datagram with a right checksum and a quote that is not UTF-8.
fn not_utf8() -> Vec<u8> {
    let mut bytes = bytes("ol.");
    bytes[20] = 0xe9;
    let checksum = adler::adler32_slice(&bytes[4..]);
    bytes[..4].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65_536];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => {
                buffer.truncate(length);
                return (buffer, from);
            }
            // A machine that was put to sleep: Linux does not go on with a wait that has a timeout.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => panic!("nothing received: {error}"),
        }
    }
}

/// How many datagrams wait in a socket.
fn drain(socket: &UdpSocket) -> usize {
    socket.set_nonblocking(true).unwrap();
    let mut number = 0;
    while socket.recv_from(&mut [0; 65_536]).is_ok() {
        number += 1;
    }
    number
}

/// Lets time pass, where time itself is what is tested.
#[cfg(unix)]
fn wait_until(time: Instant) {
    while let Some(left) = time.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
}

/// What a program of the tests prints for this input.
fn filter(mut command: Command, input: &str) -> Ended {
    command.stdin(Stdio::piped());
    let mut running = Running::start(command);
    running.stdin().write_all(input.as_bytes()).unwrap();
    running.ended().succeeded()
}

// What is sent.

#[test]
fn two_peers_show_each_other_their_quotes() {
    let port = free_udp_port().to_string();
    let other = format!("127.0.0.1:{port}").parse().unwrap();
    let second = send_to(&[other], &["--interval", "0.1", "--quote", "from the second"]);
    let first = format!("127.0.0.1:{}", second.address().port());
    let first = start("mandela", &["--port", &port, "--peer", &first, "--interval", "0.1"]);
    first.prints_times("from the second\n", 3);
    second.prints_times(QUOTE, 3);
    for peer in [&first, &second] {
        peer.prints_times(" from 127.0.0.1, datagram 3 from there\n", 1);
    }
}

#[test]
fn a_datagram_is_what_the_protocol_says() {
    let socket = udp();
    let started = now();
    let peer = send_to(&[socket.local_addr().unwrap()], &[]);
    let (bytes, from) = receive(&socket);
    assert_eq!(bytes.len(), 79);
    let datagram = Datagram::parse(&bytes).unwrap();
    assert!((started..=now()).contains(&datagram.timestamp), "{datagram:?}");
    assert_eq!(datagram.address, Ipv4Addr::LOCALHOST);
    assert_eq!(datagram.port, peer.address().port());
    assert_eq!(datagram.quote, "\"It always seems impossible until it's done\" - Nelson Mandela");
    assert_eq!(datagram.emit().unwrap(), bytes);
    // It is sent from the socket that listens.
    assert_eq!(from, peer.address());
}

#[test]
#[cfg(target_os = "linux")] // elsewhere 127.0.0.1 is the only loopback address
fn a_peer_announces_the_address_it_is_bound_to() {
    let socket = udp();
    let peer =
        send_to(&[socket.local_addr().unwrap()], &["--host", "127.0.0.2", "--quote", "señor"]);
    let (bytes, from) = receive(&socket);
    let datagram = Datagram::parse(&bytes).unwrap();
    assert_eq!(datagram.address, Ipv4Addr::new(127, 0, 0, 2));
    assert_eq!(datagram.port, from.port());
    assert_eq!(datagram.quote, "señor");
    assert_eq!(peer.address().to_string(), format!("127.0.0.2:{}", from.port()));
}

#[test]
fn a_peer_bound_to_every_interface_announces_the_one_that_leads_to_the_other() {
    let socket = udp();
    let peer = send_to(&[socket.local_addr().unwrap()], &["--host", ""]);
    let (bytes, _) = receive(&socket);
    let datagram = Datagram::parse(&bytes).unwrap();
    assert_eq!(datagram.address, Ipv4Addr::LOCALHOST);
    assert_eq!(peer.prints("Listening on"), format!("Listening on 0.0.0.0:{}\n", datagram.port));
    peer.warns("reachable from the whole network");
}

#[test]
fn python_reads_what_mandela_sends() {
    if !needs(&["python3"]) {
        return;
    }
    let reader = Running::start(python("lab7.py", &["receive", "2"]));
    let started = now();
    let peer = send_to(&[reader.address()], &["--interval", "0.05", "--quote", "漢字 and \"us\""]);
    let port = peer.address().port();
    let read = reader.ended().succeeded().stdout;
    let lines: Vec<&str> = read.lines().skip(1).collect();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(line.starts_with("{\"good\": true, \"timestamp\": "), "{line}");
        let rest = format!(
            ", \"address\": \"127.0.0.1\", \"port\": {port}, \
             \"quote\": \"\\u6f22\\u5b57 and \\\"us\\\"\", \"source\": \"127.0.0.1\"}}"
        );
        assert!(line.ends_with(&rest), "{line}");
        let timestamp = line.split([' ', ',']).nth(4).unwrap().parse().unwrap();
        assert!((started..=now()).contains(&timestamp), "{line}");
    }
}

#[test]
fn one_datagram_goes_out_every_two_seconds() {
    let socket = udp();
    let _peer = send_to(&[socket.local_addr().unwrap()], &[]);
    let mut arrivals = Vec::new();
    let mut timestamps = Vec::new();
    for _ in 0..3 {
        let (bytes, _) = receive(&socket);
        arrivals.push(Instant::now());
        timestamps.push(Datagram::parse(&bytes).unwrap().timestamp);
    }
    let span = (arrivals[2] - arrivals[0]).as_secs_f64();
    assert!((3.5..6.0).contains(&span), "{span} s for two intervals");
    let span = timestamps[2] - timestamps[0];
    assert!((3..=6).contains(&span), "{timestamps:?}");
}

#[test]
#[cfg(unix)]
fn a_late_datagram_does_not_make_the_next_one_late() {
    let socket = udp();
    let peer = send_to(&[socket.local_addr().unwrap()], &["--interval", "3"]);
    receive(&socket);
    let first = Instant::now();
    receive(&socket);
    wait_until(first + Duration::from_millis(4_500)); // the sender waits for the third time
    peer.signal("STOP"); // the third is due at 6 s, and goes out at 7.5 s
    wait_until(first + Duration::from_millis(7_500));
    assert_eq!(drain(&socket), 0);
    socket.set_nonblocking(false).unwrap();
    peer.signal("CONT");
    receive(&socket);
    receive(&socket); // the fourth is due at 9 s; counted from the third, at 10.5 s
    let fourth = first.elapsed().as_secs_f64();
    assert!((8.5..10.3).contains(&fourth), "the fourth came after {fourth} s");
}

#[test]
#[cfg(unix)]
fn a_peer_that_was_stopped_does_not_send_at_once_what_it_missed() {
    let socket = udp();
    let peer = send_to(&[socket.local_addr().unwrap()], &["--interval", "1"]);
    receive(&socket);
    peer.signal("STOP");
    wait_until(Instant::now() + Duration::from_millis(4_500));
    drain(&socket);
    socket.set_nonblocking(false).unwrap();
    peer.signal("CONT");
    // By the sender's own clock, so that it does not matter when this test gets to read them.
    let timestamps: Vec<u64> =
        (0..4).map(|_| Datagram::parse(&receive(&socket).0).unwrap().timestamp).collect();
    assert!(timestamps[2] > timestamps[0], "{timestamps:?}");
    assert!(timestamps[3] >= timestamps[0] + 2, "{timestamps:?}");
}

#[test]
fn count_ends_it_after_so_many_datagrams_to_each_peer() {
    let (one, other) = (udp(), udp());
    let peers = [one.local_addr().unwrap(), other.local_addr().unwrap()];
    let ended = send_to(&peers, &["--interval", "0.05", "--count", "4"]).ended().succeeded();
    assert!(
        ended.stdout.ends_with("\nDone. Datagrams sent: 8, received: 0 good, 0 bad\n"),
        "{ended:?}"
    );
    assert_eq!((drain(&one), drain(&other)), (4, 4));
}

#[test]
fn a_peer_with_a_count_listens_for_one_more_interval() {
    let socket = udp();
    let peer = send_to(&[socket.local_addr().unwrap()], &["--interval", "3", "--count", "1"]);
    let (_, from) = receive(&socket);
    socket.send_to(&bytes("not too late"), from).unwrap();
    peer.prints("not too late");
    let ended = peer.ended().succeeded();
    assert!(ended.stdout.ends_with("Done. Datagrams sent: 1, received: 1 good, 0 bad\n"));
}

#[test]
fn a_peer_may_be_a_name() {
    let socket = udp();
    let peer = format!("localhost:{}", socket.local_addr().unwrap().port());
    let _peer = start("mandela", &["--port", "0", "--peer", &peer]);
    receive(&socket);
}

#[test]
fn a_peer_where_nobody_listens_takes_nothing_from_the_others() {
    let (socket, gone) = (udp(), free_udp_port());
    let peers = [([127, 0, 0, 1], gone).into(), socket.local_addr().unwrap()];
    let mut peer = send_to(&peers, &["--interval", "0.05"]);
    for _ in 0..5 {
        receive(&socket);
    }
    assert!(peer.is_alive());
}

#[test]
#[cfg(target_os = "linux")]
fn a_peer_that_cannot_be_reached_is_reported_and_takes_nothing_from_the_others() {
    let socket = udp();
    // TEST-NET-1 (RFC 5737). From 127.0.0.1 nothing leaves this machine, and Linux says so; where there
    // is no network at all, it says that first.
    let peers = [([192, 0, 2, 1], 5005).into(), socket.local_addr().unwrap()];
    let ended = send_to(&peers, &["--interval", "0.05", "--count", "3"]).ended().succeeded();
    let sentences = [
        "error: cannot send to 192.0.2.1:5005: Invalid argument (EINVAL)\n\
         hint: a socket bound to 127.0.0.1 reaches this machine alone: --host 0.0.0.0",
        "error: cannot send to 192.0.2.1:5005: Network is unreachable (ENETUNREACH)\n\
         hint: this machine knows no way to that network: is it online?",
    ];
    let told = sentences.map(|sentence| ended.stderr.matches(sentence).count());
    assert!(told == [3, 0] || told == [0, 3], "{ended:?}");
    assert!(ended.stdout.contains("Datagrams sent: 3,"), "{ended:?}");
    assert_eq!(drain(&socket), 3);
}

#[test]
fn without_a_network_a_far_peer_is_reported_each_time() {
    let args = "--host= --peer 192.0.2.1:5005 --peer 127.0.0.1:5006 --interval 0.05 --count 2";
    let args: Vec<&str> = args.split(' ').collect();
    let Some(ended) = Private::network().run("mandela", &args) else { return };
    let ended = ended.succeeded();
    let sentence =
        "error: cannot find a way to 192.0.2.1:5005: Network is unreachable (ENETUNREACH)";
    assert_eq!(ended.stderr.matches(sentence).count(), 2, "{ended:?}");
    assert!(ended.stdout.contains("Datagrams sent: 2,"), "{ended:?}");
}

#[test]
#[cfg_attr(windows, ignore = "a command line of Windows has at most 32,767 characters")]
fn the_longest_quote_is_sent_whole_and_a_longer_one_is_refused_before_anything_is_sent() {
    let socket = udp();
    let to = socket.local_addr().unwrap();
    let longest = "q".repeat(LONGEST_QUOTE);
    let peer = send_to(&[to], &["--quote", &longest]);
    let (bytes, _) = receive(&socket);
    assert_eq!(bytes.len(), LARGEST_DATAGRAM);
    assert_eq!(Datagram::parse(&bytes).unwrap().quote, longest);
    peer.interrupt().succeeded();

    let longer = format!("{longest}!");
    let ended = send_to(&[to], &["--quote", &longer]).ended().failed_with(
        "cannot send the datagram: \
         too long, 65508 bytes where 65507 is the most that UDP over IPv4 carries\n",
    );
    assert_eq!(ended.stdout, "");
    assert_eq!(drain(&socket), 0);
}

// What arrives.

#[test]
fn each_datagram_is_shown_with_quote_elapsed_time_source_and_count() {
    let (peer, address) = listen(&[]);
    let socket = udp();
    socket.send_to(&datagram(now() - 60, QUOTE), address).unwrap();
    let line = peer.prints("  sent ");
    let elapsed = line.strip_prefix("  sent ").unwrap();
    let (elapsed, rest) = elapsed.split_once(' ').unwrap();
    assert!((60..120).contains(&elapsed.parse::<u64>().unwrap()), "{line}");
    assert_eq!(rest, "s ago from 127.0.0.1, datagram 1 from there\n");
    assert!(peer.output().contains(&format!("\n{QUOTE}\n  sent ")), "{peer:?}");
}

#[test]
fn an_address_in_the_payload_that_is_another_is_shown_beside_the_source() {
    if !needs(&["python3"]) {
        return;
    }
    let (plain, plain_address) = listen(&[]);
    let (json, json_address) = listen(&["--json"]);
    for address in [plain_address, json_address] {
        // Every byte of every field is another: the order of the fields and of their bytes matters.
        let port = address.port().to_string();
        let fields = ["72623859790382856", "10.11.12.13", "5141", "señor"];
        let args = [&["send", &port], &fields[..]].concat();
        run_command(python("lab7.py", &args)).succeeded();
    }
    plain.prints("señor\n");
    plain.prints(" s ago from 127.0.0.1 (it says 10.11.12.13), datagram 1 from there\n");
    let line = json.prints("\"quote\"");
    assert!(line.starts_with("{\"quote\":\"señor\",\"timestamp\":72623859790382856,"), "{line}");
    assert!(line.contains(",\"source\":\"127.0.0.1\","), "{line}");
    assert!(line.ends_with(",\"address\":\"10.11.12.13\",\"port\":5141,\"times\":1}\n"), "{line}");
}

#[test]
#[cfg(target_os = "linux")]
fn counts_are_kept_per_ipv4_address_whatever_the_port() {
    let (peer, address) = listen(&["--host", "0.0.0.0"]);
    let to = SocketAddr::from(([127, 0, 0, 1], address.port()));
    let (one, same) = (udp(), udp());
    let other = UdpSocket::bind("127.0.0.2:0").unwrap();
    for (socket, source, times) in [
        (&one, "127.0.0.1", 1),
        (&same, "127.0.0.1", 2),
        (&other, "127.0.0.2 (it says 127.0.0.1)", 1),
        (&one, "127.0.0.1", 3),
        (&other, "127.0.0.2 (it says 127.0.0.1)", 2),
    ] {
        socket.send_to(&bytes("x"), to).unwrap();
        peer.prints(&format!(" from {source}, datagram {times} from there\n"));
    }
}

#[test]
fn the_elapsed_time_is_negative_where_the_senders_clock_is_ahead() {
    let (peer, address) = listen(&[]);
    udp().send_to(&datagram(now() + 1_000, "ahead"), address).unwrap();
    let line = peer.prints("  sent ");
    let elapsed = line.split(' ').nth(3).unwrap().parse().unwrap();
    assert!((-1_000..-800).contains(&elapsed), "{line}");
}

#[test]
fn the_note_on_whole_seconds_and_clocks_is_said_once() {
    let (peer, address) = listen(&[]);
    let socket = udp();
    for _ in 0..3 {
        socket.send_to(&bytes("x"), address).unwrap();
    }
    peer.prints("datagram 3 ");
    let warnings = peer.interrupt().succeeded().stderr;
    assert_eq!(warnings.matches("whole seconds").count(), 1, "{warnings}");
    assert_eq!(warnings.matches("negative where the sender's clock is ahead").count(), 1);
}

#[test]
fn the_extremes_of_a_timestamp_are_numbers_like_any_other() {
    let (peer, address) = listen(&["--json"]);
    let socket = udp();
    socket.send_to(&datagram(u64::MAX, "last"), address).unwrap();
    socket.send_to(&datagram(0, "first"), address).unwrap();
    let line = peer.prints("\"last\"");
    assert!(
        line.contains(",\"timestamp\":18446744073709551615,\"elapsed\":-18446744071"),
        "{line}"
    );
    let line = peer.prints("\"first\"");
    let (_, elapsed) = line.split_once(",\"timestamp\":0,\"elapsed\":").unwrap();
    let elapsed: u64 = elapsed.split(',').next().unwrap().parse().unwrap();
    assert!(now().abs_diff(elapsed) < PATIENCE.as_secs(), "{line}");
}

#[test]
fn the_largest_and_the_smallest_datagram_are_received() {
    let (peer, address) = listen(&["--json"]);
    let socket = udp();
    let longest = "q".repeat(LONGEST_QUOTE);
    socket.send_to(&bytes(&longest), address).unwrap();
    peer.prints(&format!("{{\"quote\":\"{longest}\","));
    socket.send_to(&bytes(""), address).unwrap();
    peer.prints("{\"quote\":\"\",");
}

#[test]
fn bad_datagrams_are_reported_with_their_reason_and_never_shown() {
    let (peer, address) = listen(&[]);
    let socket = udp();
    let from = socket.local_addr().unwrap();
    let mut changed = bytes("I was changed on the way");
    changed[30] ^= 0x20;
    let kinds: [(&[u8], &str); 5] = [
        (b"", "too short, 0 bytes where 18 is the least"),
        (&bytes("")[..17], "too short, 17 bytes where 18 is the least"),
        (&changed, "the checksum is 0x"),
        (&not_utf8(), "the quote is not UTF-8 at byte 20"),
        (&vec![0xff; LARGEST_DATAGRAM], "the checksum is 0xffffffff, but the bytes after it make "),
    ];
    for (bad, reason) in kinds {
        socket.send_to(bad, address).unwrap();
        peer.warns(&format!("bad datagrams ignored: 1, the last one from {from}: {reason}"));
    }
    socket.send_to(&bytes("still here"), address).unwrap();
    peer.prints("still here");
    peer.prints("datagram 1 from there"); // only the good ones count
    let ended = peer.interrupt().succeeded();
    assert_eq!(ended.stdout.matches("  sent ").count(), 1, "{ended:?}");
    assert!(ended.stdout.ends_with("Datagrams sent: 0, received: 1 good, 5 bad\n"), "{ended:?}");
}

#[test]
fn a_flood_of_bad_datagrams_is_one_report_a_second_and_none_goes_uncounted() {
    let (peer, address) = listen(&[]);
    let started = Instant::now();
    let socket = udp();
    for wave in 1..=10 {
        for _ in 0..30 {
            socket.send_to(b"bad", address).unwrap();
        }
        // A good one behind them shows that they have been read.
        socket.send_to(&bytes("good"), address).unwrap();
        peer.prints_times("good\n", wave);
    }
    let numbers = || -> Vec<u64> {
        let warnings = peer.warnings();
        let whole = warnings.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let reports = whole.filter_map(|line| line.strip_prefix("bad datagrams "));
        reports.map(|line| line.split([' ', ',']).nth(1).unwrap().parse().unwrap()).collect()
    };
    // The last of them are reported a second later, though nothing arrives any more.
    eventually("all are reported", || numbers().iter().sum::<u64>() == 300);
    let most = started.elapsed().as_secs() + 1;
    assert!((2..=most).contains(&(numbers().len() as u64)), "{peer:?}");
}

#[test]
fn every_datagram_with_one_changed_bit_or_cut_short_is_refused() {
    let (peer, address) = listen(&[]);
    let socket = udp();
    let good = datagram(1_700_000_000, QUOTE);
    let flipped = (0..good.len() * 8).map(|bit| {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    });
    let cut = (0..good.len()).map(|size| good[..size].to_vec());
    let all: Vec<Vec<u8>> = flipped.chain(cut).collect();
    for (wave, bad) in all.chunks(50).enumerate() {
        for bytes in bad {
            socket.send_to(bytes, address).unwrap();
        }
        socket.send_to(&good, address).unwrap(); // shows that those before it have been read
        peer.prints(&format!(", datagram {} from there\n", wave + 1));
    }
    let ended = peer.interrupt().succeeded();
    let summary = format!("received: {} good, {} bad\n", all.len().div_ceil(50), all.len());
    assert!(ended.stdout.ends_with(&summary), "{summary}{ended:?}");
}

#[test]
fn an_escape_sequence_in_a_quote_does_not_reach_the_terminal() {
    let (plain, plain_address) = listen(&[]);
    let (json, json_address) = listen(&["--json"]);
    let quote = "\u{1b}[2J\u{1b}]0;title\u{7} two\nlines\r \u{9b}31m \u{202e}";
    for address in [plain_address, json_address] {
        udp().send_to(&bytes(quote), address).unwrap();
    }
    plain.prints("\\x1b[2J\\x1b]0;title\\x07 two\\nlines\\r \\u{9b}31m \\u{202e}\n");
    json.prints("\"\\u001b[2J\\u001b]0;title\\u0007 two\\u000alines\\u000d \\u009b31m \\u202e\"");
    for peer in [plain, json] {
        let output = peer.output();
        assert!(!output.contains(|c: char| c.is_control() && c != '\n'), "{output:?}");
    }
}

#[test]
fn json_is_one_object_a_line_and_nothing_else_on_standard_output() {
    if !needs(&["python3"]) {
        return;
    }
    let quotes = ["\"double\" \\ back", "\u{1b}\0\u{7f}\u{9b}\u{202e}", "a\nb\r\tc", "漢字 😀", ""];
    let (peer, address) = listen(&["--json"]);
    let socket = udp();
    socket.send_to(b"bad", address).unwrap();
    for quote in quotes {
        socket.send_to(&datagram(1_700_000_000, quote), address).unwrap();
    }
    peer.prints("\"times\":5}");
    peer.warns("bad datagrams ignored");
    let ended = peer.interrupt().succeeded();
    assert!(
        ended.stderr.ends_with("Stopped by Ctrl-C. Datagrams sent: 0, received: 5 good, 1 bad\n"),
        "{ended:?}"
    );
    let read = filter(python("lab7.py", &["objects"]), &ended.stdout).stdout;
    let port = socket.local_addr().unwrap().port();
    assert_eq!(read.lines().count(), 5, "{read}");
    for (i, (object, quote)) in read.lines().zip(quotes).enumerate() {
        let quote = hex(quote.as_bytes()).replace(' ', "");
        let expected = format!(
            "quote={quote} timestamp=1700000000 source=127.0.0.1 source_port={port} \
             address=127.0.0.1 port=4711 times={}",
            i + 1
        );
        assert_eq!(object, expected);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_table_of_sources_has_an_end_and_forgets_who_is_silent_for_longest() {
    let (peer, address) = listen(&["--host", "0.0.0.0"]);
    let to = SocketAddr::from(([127, 0, 0, 1], address.port()));
    let source = |number: usize| Ipv4Addr::new(127, 77, (number / 250) as u8, (number % 250) as u8);
    let send_from = |number: usize, quote: &str| {
        let socket = UdpSocket::bind((source(number), 0)).unwrap();
        socket.send_to(&bytes(quote), to).unwrap();
    };
    let count_of = |number: usize, times: usize| {
        let quote = format!("number {number} again");
        send_from(number, &quote);
        peer.prints(&quote);
        let source = source(number);
        peer.prints(&format!(" from {source} (it says 127.0.0.1), datagram {times} from there\n"));
    };
    for number in 0..MOST_SOURCES {
        send_from(number, "x");
        if number % 50 == 49 {
            peer.prints_times("x\n", number + 1); // not more at once than its socket can hold
        }
    }
    count_of(0, 2); // number 1 is now silent for longest
    send_from(MOST_SOURCES, "one too many");
    count_of(0, 3);
    count_of(2, 2);
    count_of(1, 1); // and takes the place of number 3
    let forgotten = format!(" from {} (it says 127.0.0.1), datagram 1 from there\n", source(1));
    peer.prints_times(&forgotten, 2);
    count_of(MOST_SOURCES, 2);
}

#[test]
fn quiet_counts_and_prints_none() {
    let (peer, address) = listen(&["--quiet"]);
    let socket = udp();
    for _ in 0..3 {
        socket.send_to(&bytes("not to be seen"), address).unwrap();
    }
    socket.send_to(b"bad", address).unwrap();
    peer.warns("bad datagrams ignored: 1");
    let ended = peer.interrupt().succeeded();
    assert_eq!(
        ended.stdout,
        format!(
            "Listening on {address}\n\n\
             Stopped by Ctrl-C. Datagrams sent: 0, received: 3 good, 1 bad\n"
        )
    );
}

// How it starts and ends.

#[test]
fn ctrl_c_ends_it_with_a_summary_and_exit_code_0() {
    let socket = udp();
    let peer = send_to(&[socket.local_addr().unwrap()], &[]);
    let (_, from) = receive(&socket);
    socket.send_to(&bytes("x"), from).unwrap();
    peer.prints("datagram 1 from there");
    let ended = peer.interrupt().succeeded();
    let summary = ended.stdout.lines().last().unwrap().to_string();
    let sent = summary.strip_prefix("Stopped by Ctrl-C. Datagrams sent: ").unwrap();
    let (sent, rest) = sent.split_once(',').unwrap();
    assert_eq!(sent.parse::<usize>().unwrap(), 1 + drain(&socket));
    assert_eq!(rest, " received: 1 good, 0 bad");
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_in_the_middle_of_a_wait_is_no_error() {
    let (peer, address) = listen(&[]);
    let socket = udp();
    for wave in 1..=3 {
        // Linux ends a wait that has a timeout when the program goes on: EINTR, signal(7).
        peer.signal("STOP");
        peer.signal("CONT");
        socket.send_to(&bytes("x"), address).unwrap();
        peer.prints(&format!("datagram {wave} from there"));
    }
    let ended = peer.interrupt().succeeded();
    assert!(!ended.stderr.contains("error"), "{ended:?}");
}

#[test]
fn an_address_in_use_names_the_peer_that_has_it() {
    let (peer, address) = listen(&[]);
    let port = address.port().to_string();
    let ended = run("mandela", &["--port", &port])
        .failed_with(&format!("cannot bind {address}: Address already in use (EADDRINUSE)"));
    if cfg!(target_os = "linux") {
        ended.hints(&format!("mandela (process {}) has {address}", peer.pid()));
    }
}

#[test]
fn without_arguments_and_without_a_network_it_listens_on_port_5005() {
    let Some(peer) = Private::network().start("mandela", &[]) else { return };
    assert_eq!(peer.prints("Listening"), "Listening on 127.0.0.1:5005\n");
    peer.warns("without --peer this program sends nothing");
}

#[test]
fn without_a_network_two_peers_talk_over_loopback() {
    if !needs(&["nsenter"]) {
        return;
    }
    let args = ["--port", "5006", "--peer", "127.0.0.1:5005", "--interval", "0.1"];
    // With a file of its own, because an ordinary user may not enter the mount namespace of all.
    let machine = Private::network().file("/etc/hosts", "127.0.0.1 localhost\n");
    let Some(first) = machine.start("mandela", &args) else { return };
    first.prints("Listening on 127.0.0.1:5006");
    let args = ["--peer", "127.0.0.1:5006", "--interval", "0.1", "--count", "5"];
    let second = run_beside(&first, "mandela", &args).succeeded();
    assert!(second.stdout.starts_with("Listening on 127.0.0.1:5005\n"), "{second:?}");
    assert!(second.stdout.contains(QUOTE), "{second:?}");
    first.prints("datagram 5 from there");
}

#[test]
fn wrong_usage_names_the_wrong_value_and_exits_with_2() {
    for (args, named) in [
        ("--peer localhost", "'localhost'"),
        ("--peer :5006", "':5006'"),
        ("--peer 127.0.0.1:0", "'127.0.0.1:0'"),
        ("--peer 127.0.0.1:65536", "'127.0.0.1:65536'"),
        ("--port 99999", "99999 is not in 0..=65535"),
        ("--interval 0", "'0'"),
        ("--interval two", "'two'"),
        ("--peer 127.0.0.1:5006 --count 0", "0 is not in 1.."),
        ("--count 3", "--peer <HOST:PORT>"),
        ("--json --quiet", "'--quiet'"),
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let ended = run("mandela", &args);
        assert_eq!(ended.code, Some(2), "{args:?} {ended:?}");
        assert!(ended.stderr.contains(named), "{args:?} {ended:?}");
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn an_unknown_peer_is_an_error() {
    run("mandela", &["--port", "0", "--peer", "no-such-name.invalid:5006"])
        .failed_with("cannot resolve no-such-name.invalid: ");
}

#[test]
fn help_says_what_the_step_teaches_and_shows_an_example() {
    let help = run("mandela", &["--help"]).succeeded().stdout;
    assert!(help.starts_with("Client and server at once: "), "{help}");
    assert!(help.contains("\nExample: mandela --port 5005 --peer 127.0.0.1:5006\n"), "{help}");
    assert!(help.contains(&format!("[default: {:?}]", QUOTE)), "{help}");
    run("mandela", &["--version"]).succeeded();
}

// The checksum.

#[test]
fn adler_32_agrees_with_zlib() {
    if !needs(&["python3"]) {
        return;
    }
    let mut texts: Vec<Vec<u8>> = vec![vec![], b"Wikipedia".to_vec(), vec![0xff; 65_503]];
    texts.push(datagram(1_700_000_000, QUOTE)[4..].to_vec());
    for size in 1..200u32 {
        // Bytes without a pattern that a wrong sum could share.
        let byte = |i: u32| (i.wrapping_mul(2_654_435_761).rotate_left(size % 32) >> 13) as u8;
        texts.push((0..size * 37).map(byte).collect());
    }
    let mut input = String::new();
    for text in &texts {
        writeln!(input, "{}", hex(text)).unwrap();
    }
    let sums = filter(python("lab7.py", &["adler32"]), &input).stdout;
    let expected: Vec<String> =
        texts.iter().map(|text| format!("{:08x}", adler::adler32_slice(text))).collect();
    assert_eq!(sums.lines().collect::<Vec<_>>(), expected);
    assert_eq!(expected[..2], ["00000001", "11e60398"]);
}
