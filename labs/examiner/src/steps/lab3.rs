//! What the steps of lab 3 share: the examiner as a time server, and what a client makes of it.
//!
//! The time that the examiner tells is drawn, far from now: no clock shows it. Every instant in a
//! packet is therefore the same in each run with the same seed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use socket_labs::bytes::annotated;
use socket_labs::date;
use socket_labs::ntp::{CLIENT, HEADER, Packet, SERVER, Short, Timestamp, UNSYNCHRONIZED, fields};

use crate::exam::program::{Ended, Program, until};
use crate::exam::transcript::count;
use crate::exam::udp::Peer;
use crate::exam::{Outcome, Scene, Trouble, Way, clients, wrong};

/// The name that the course's clients ask where they are told none.
const DEFAULT_SERVER: &str = "pool.ntp.org";

/// How long the examiner keeps a request, where the answer is to be late. Where the machine is so
/// slow that nothing can be seen in that time, it is longer the second time; and below one second,
/// so that no byte in a table of the packet passes for a delay.
const HELD: [Duration; 2] = [Duration::from_millis(350), Duration::from_millis(900)];

/// How much of that the examiner says that it needed itself.
const NEEDED: f64 = 0.4;

/// How far a printed number may be from the right one, in seconds: a loaded machine is slow.
const NEAR: f64 = 0.4;

/// How long a client is waited for that has got its answers.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Unix seconds of 1990-01-01 and 2020-01-01: the times that are told.
const PAST: (u64, u64) = (631_152_000, 1_577_836_800);

/// Unix seconds of 2036-02-08 and 2060-01-01: NTP's seconds have started at 0 again.
const NEXT_ERA: (u64, u64) = (2_086_041_600, 2_840_140_800);

/// What to try where a field of the request is wrong.
pub const REQUEST: &[(Way, &str)] = &[
    (Way::Silent, "Send the request with sendto() to the server's address and port, UDP."),
    (Way::Missing, "A request is 48 bytes: those that you do not use are zero."),
    (Way::Extra, "A request is 48 bytes and nothing more."),
    (Way::WrongField, "The first byte is LI 0, version 4, mode 3: 0x23; or 0x1b with version 3."),
];

/// What to try where the offset is wrong or missing.
pub const OFFSET: &[(Way, &str)] = &[
    (Way::NotPrinted, "Print ((T2 - T1) + (T3 - T4)) / 2, in seconds, with its fraction."),
    (Way::Different, "The offset is the server's time less ours, in seconds."),
];

/// What to try where only a quick answer gives the right offset.
pub const LATE: &[(Way, &str)] = &[
    (Way::NotPrinted, "The offset is the mean of T2 - T1 and T3 - T4: take T4 when it arrives."),
    (Way::ExitCode, "Wait for the answer for some seconds before you give up."),
];

/// What to try where the delay is wrong or missing.
pub const DELAY: &[(Way, &str)] = &[(
    Way::NotPrinted,
    "Print (T4 - T1) - (T3 - T2), in seconds: the server's own time is no part of it.",
)];

/// What to try where the fraction is misread.
pub const FRACTIONS: &[(Way, &str)] = &[(
    Way::NotPrinted,
    "The fraction is an unsigned 32-bit number: divide it by 2^32, and add it to the seconds.",
)];

/// What to try where the era is not thought of.
pub const ERA: &[(Way, &str)] = &[(
    Way::NotPrinted,
    "NTP's 32-bit seconds start at 0 again in 2036: below 2^31, add 2^32 before you convert them.",
)];

/// What to try where nobody answers.
pub const NO_ANSWER: &[(Way, &str)] = &[
    (Way::StillRuns, "Set a timeout on the socket: a lost datagram never comes."),
    (Way::Traceback, "Catch the error of recvfrom(), and print one sentence."),
    (Way::ExitCode, "Without an answer, end with exit code 1."),
];

/// What to try where a bad answer is not handled well; of the field there is one more sentence.
macro_rules! bad {
    ($accepted:literal) => {
        &[
            (Way::Accepted, $accepted),
            (
                Way::Traceback,
                "Check the answer before you use it, and print one sentence of why not.",
            ),
            (Way::ExitCode, "After an answer that you reject, end with exit code 1, or wait on."),
            (
                Way::StillRuns,
                "Wait for a good answer only so long: count the time from the request.",
            ),
            (Way::NotPrinted, "Print the four letters of the reference ID: they say why."),
            (
                Way::WrongField,
                "Send a transmit timestamp that is not zero, and compare it with the origin.",
            ),
        ]
    };
}
pub(super) use bad;

/// The ways of handling a bad answer that reject it and are not quite right all the same.
pub const REJECTED_BADLY: &[Way] =
    &[Way::Traceback, Way::ExitCode, Way::StillRuns, Way::NoMessage, Way::WrongField];

/// The examiner as a time server.
pub struct TimeServer {
    peer: Peer,
    address: SocketAddr,
}

/// What a client asked.
pub struct Request {
    bytes: Vec<u8>,
    packet: Packet,
    client: SocketAddr,
    at: Timestamp,
}

/// A client that got its answer, and what it should have found.
pub struct Answered {
    /// The client, which has ended with exit code 0.
    pub program: Program,
    /// What it was told.
    pub answer: Packet,
    offset: f64,
}

impl TimeServer {
    /// A server at an address that nobody could guess: the program is told it, or finds it behind
    /// the default name.
    pub fn open(scene: &mut Scene) -> Outcome<TimeServer> {
        let ip = scene.loopback_address();
        if scene.takes("host") {
            scene.give("host", ip.to_string());
        } else {
            scene.names(&[(ip.into(), DEFAULT_SERVER)])?;
        }
        TimeServer::at(scene, ip)
    }

    /// The same, and the program is told a name.
    pub fn open_with_name(scene: &mut Scene) -> Outcome<TimeServer> {
        let ip = scene.loopback_address();
        scene.give("host", DEFAULT_SERVER);
        scene.names(&[(ip.into(), DEFAULT_SERVER)])?;
        TimeServer::at(scene, ip)
    }

    fn at(scene: &mut Scene, ip: Ipv4Addr) -> Outcome<TimeServer> {
        let address = SocketAddr::new(ip.into(), scene.port());
        Ok(TimeServer { peer: scene.udp_peer("server", address)?, address })
    }

    /// The address that the program asks.
    pub fn ip(&self) -> IpAddr {
        self.address.ip()
    }

    /// The program's next request.
    pub fn asked(&self, program: &Program) -> Outcome<Request> {
        let (bytes, client) = self.peer.receive_from(program)?;
        let at = Timestamp::at(SystemTime::now());
        match Packet::parse(&bytes) {
            Ok(packet) => Ok(Request { bytes, packet, client, at }),
            Err(_) => {
                let size = count(bytes.len(), "byte");
                let sentence = format!("The request has {size}; an NTP header has {HEADER}.");
                Err(wrong(Way::Missing, sentence).with_fields(table(&bytes)))
            }
        }
    }

    /// Answers a request.
    pub fn answers(&self, request: &Request, answer: &Packet) -> Outcome {
        self.peer.send(&answer.emit(), request.client)
    }
}

impl Request {
    /// The datagram itself.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A field of the request is wrong.
    fn wrong_field(&self, sentence: impl Into<String>) -> Trouble {
        wrong(Way::WrongField, sentence).with_fields(table(&self.bytes))
    }

    /// A good answer of a server whose clock shows this time.
    pub fn answer(&self, stratum: u8, time: Timestamp) -> Packet {
        Packet {
            leap: 0,
            version: self.packet.version,
            mode: SERVER,
            stratum,
            poll: self.packet.poll,
            precision: -20,
            root_delay: Short(0x0000_0180),
            root_dispersion: Short(0x0000_00c0),
            reference_id: [203, 0, 113, 1 + stratum],
            reference: time.plus(-16.0),
            origin: self.packet.transmit,
            receive: time,
            transmit: time,
        }
    }
}

/// A packet, field by field, as narrow as a story.
pub fn table(bytes: &[u8]) -> String {
    let mut fields = fields(bytes);
    if let Ok(Packet { leap, version, mode, .. }) = Packet::parse(bytes) {
        for field in &mut fields {
            match field.range.start {
                0 => field.meaning = format!("LI {leap}, version {version}, mode {mode}"),
                16..HEADER => field.meaning = field.meaning.chars().take(23).collect(),
                _ => {}
            }
        }
    }
    annotated(bytes, &fields)
}

/// A time that no clock shows. Its fraction is one that every way to read it reads alike.
pub fn a_time(scene: &mut Scene) -> Timestamp {
    let fraction = scene.number(1 << 28, 0x5800_0000);
    a_time_of(scene, PAST, fraction)
}

fn a_time_of(scene: &mut Scene, (low, high): (u64, u64), fraction: u64) -> Timestamp {
    let since_1970 = Duration::from_secs(scene.number(low, high));
    let Timestamp(whole) = Timestamp::at(SystemTime::UNIX_EPOCH + since_1970);
    Timestamp(whole | fraction)
}

// --- the request

/// 48 bytes, mode 3, version 3 or 4; where `leap` is, with the leap indicator 0.
pub fn request(scene: &mut Scene, leap: Option<u8>) -> Outcome {
    let server = TimeServer::open(scene)?;
    let program = scene.start()?;
    let request = server.asked(&program)?;
    let Packet { leap: found, version, mode, .. } = request.packet;
    if request.bytes.len() > HEADER {
        let size = count(request.bytes.len(), "byte");
        let sentence = format!("The request has {size}, and a request has {HEADER}.");
        return Err(wrong(Way::Extra, sentence).with_fields(table(&request.bytes)));
    }
    if mode != CLIENT {
        return Err(request.wrong_field(format!("The mode is {mode}, and a client's is 3.")));
    }
    if !matches!(version, 3 | 4) {
        let sentence = format!("The version is {version}, and it should be 4 (or 3).");
        return Err(request.wrong_field(sentence));
    }
    match leap {
        Some(leap) if leap != found => {
            let sentence = format!("The leap indicator is {found}, and it should be {leap}.");
            Err(request.wrong_field(sentence))
        }
        _ => Ok(()),
    }
}

/// A transmit timestamp that is not zero, and another one in the next request.
pub fn transmit_timestamp(scene: &mut Scene) -> Outcome {
    let server = TimeServer::open(scene)?;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let program = scene.start()?;
        let request = server.asked(&program)?;
        let transmit = request.packet.transmit;
        if transmit == Timestamp::ZERO {
            let sentence = "The transmit timestamp is zero: the client cannot tell an answer to its request \
                 from any other datagram.";
            return Err(request.wrong_field(sentence));
        }
        if seen.contains(&transmit) {
            let sentence = "Two requests have the same transmit timestamp: everybody knows it.";
            return Err(request.wrong_field(sentence));
        }
        seen.push(transmit);
        let answer = request.answer(2, a_time(scene));
        server.answers(&request, &answer)?;
        program.wait()?;
    }
    Ok(())
}

// --- what is printed

/// The program asks, is answered at once by a server whose clock shows this time, and ends well.
pub fn answered(scene: &mut Scene, stratum: u8, time: Timestamp) -> Outcome<Answered> {
    let server = TimeServer::open(scene)?;
    answered_by(scene, &server, stratum, time)
}

/// The same, by a server that is there already.
pub fn answered_by(
    scene: &mut Scene,
    server: &TimeServer,
    stratum: u8,
    time: Timestamp,
) -> Outcome<Answered> {
    let program = scene.start()?;
    let request = server.asked(&program)?;
    let answer = request.answer(stratum, time);
    let offset = time.since(Timestamp::at(SystemTime::now()));
    server.answers(&request, &answer)?;
    program.succeeds()?;
    Ok(Answered { program, answer, offset })
}

/// The program is answered late, and part of that time is the server's own: then it should print
/// what `is_right` looks for.
fn answered_late(
    scene: &mut Scene,
    needed: f64,
    is_right: impl Fn(&Program, &Late) -> Outcome,
) -> Outcome {
    let server = TimeServer::open(scene)?;
    let mut seen = Ok(());
    for held in HELD {
        let time = a_time(scene);
        let program = scene.start()?;
        let request = server.asked(&program)?;
        let needed = held.as_secs_f64() * needed;
        let answer = Packet { transmit: time.plus(needed), ..request.answer(3, time) };
        scene.transcript().notes("server", format!("answers after {} ms", held.as_millis()));
        until(held, || None::<()>);
        let (t1, t4) = (request.at, Timestamp::at(SystemTime::now()));
        let offset = (time.since(t1) + answer.transmit.since(t4)) / 2.0;
        let delay = t4.since(t1) - needed;
        server.answers(&request, &answer)?;
        program.succeeds()?;
        seen = is_right(&program, &Late { held: held.as_secs_f64(), needed, offset, delay });
        if seen.is_ok() {
            break;
        }
    }
    seen
}

/// What a client should find of a late answer. All are seconds.
struct Late {
    held: f64,
    needed: f64,
    offset: f64,
    delay: f64,
}

impl Answered {
    /// The offset is printed, in seconds.
    pub fn prints_offset(&self) -> Outcome {
        prints_offset(&self.program, self.offset, NEAR)
    }

    /// The server's time is printed: its year, its day and its clock.
    pub fn prints_time(&self) -> Outcome {
        // Where the fraction is almost a second, rounding up is right as well.
        let time = self.answer.transmit;
        if prints_time(&self.program, time) || prints_time(&self.program, time.plus(1e-6)) {
            return Ok(());
        }
        let (seconds, _) = time.unix();
        let sentence =
            format!("The program should print the server's time: {}.", date::utc(seconds, 0));
        Err(wrong(Way::NotPrinted, sentence).with_fields(table(&self.answer.emit())))
    }
}

/// The offset of a quick answer.
pub fn offset(scene: &mut Scene) -> Outcome {
    let time = a_time(scene);
    answered(scene, 2, time)?.prints_offset()
}

/// The offset of an answer that took its time: the mean of both ways.
pub fn late_answer(scene: &mut Scene) -> Outcome {
    // What is not the mean is off by half of the time.
    answered_late(scene, 0.0, |program, late| prints_offset(program, late.offset, late.held * 0.3))
}

/// The delay of an answer that took its time, and part of that time in the server.
pub fn delay(scene: &mut Scene) -> Outcome {
    answered_late(scene, NEEDED, |program, late| {
        // A loaded machine makes it longer. What has the server's own time in it is longer still.
        let Late { held, needed, delay, .. } = late;
        let right = delay - 0.02..delay + needed - 0.02;
        if numbers(&program.stdout().text()).iter().any(|number| right.contains(number)) {
            return Ok(());
        }
        let left = held - needed;
        Err(wrong(
            Way::NotPrinted,
            format!(
                "The answer took {held:.2} s, {needed:.2} s of them between T2 and T3: the \
                 program should print a delay of {left:.2} s, and a little more."
            ),
        ))
    })
}

/// A server whose name is looked up.
pub fn server_by_name(scene: &mut Scene) -> Outcome {
    let server = TimeServer::open_with_name(scene)?;
    let time = a_time(scene);
    answered_by(scene, &server, 2, time)?.prints_offset()
}

/// Answers whose fraction is 0, and almost a second.
pub fn fractions(scene: &mut Scene) -> Outcome<[Answered; 2]> {
    let server = TimeServer::open(scene)?;
    let mut answered = |fraction| -> Outcome<Answered> {
        let time = a_time_of(scene, PAST, fraction);
        let answered = answered_by(scene, &server, 2, time)?;
        answered.prints_offset().map_err(|trouble| of_fraction(trouble, fraction))?;
        Ok(answered)
    };
    Ok([answered(0)?, answered(0xffff_ffff)?])
}

fn of_fraction(trouble: Trouble, fraction: u64) -> Trouble {
    let sentence = format!(
        "Where the fraction of the server's time is {fraction:#010x}, the program does not print \
         the offset."
    );
    trouble.or_rather(Way::NotPrinted, Way::NotPrinted, sentence)
}

/// An answer of a server whose clock is beyond 2036.
pub fn after_2036(scene: &mut Scene) -> Outcome<Answered> {
    let fraction = scene.number(1 << 28, 0x5800_0000);
    let time = a_time_of(scene, NEXT_ERA, fraction);
    let answered = answered(scene, 2, time)?;
    answered.prints_offset().map_err(|trouble| {
        let sentence = format!("The server's time is {time}; the offset printed is not to that.");
        trouble
            .or_rather(Way::NotPrinted, Way::NotPrinted, sentence)
            .with_fields(table(&answered.answer.emit()))
    })?;
    Ok(answered)
}

fn prints_offset(program: &Program, offset: f64, near: f64) -> Outcome {
    let numbers = numbers(&program.stdout().text());
    let prints = |value: f64| numbers.iter().any(|number| (number - value).abs() < near);
    if prints(offset) {
        return Ok(());
    }
    let (way, seen) = match prints(-offset) {
        true => (Way::Different, "The offset that the program prints has the wrong sign"),
        false => (Way::NotPrinted, "No number on the program's standard output is the offset"),
    };
    Err(wrong(way, format!("{seen}; the right one is {offset:+.6} s.")))
}

fn prints_time(program: &Program, time: Timestamp) -> bool {
    let text = program.stdout().text();
    let (seconds, _) = time.unix();
    let (date, clock) = match date::utc(seconds, 0).split_once(' ') {
        Some((date, clock)) => (date.to_string(), clock.chars().take(8).collect::<String>()),
        None => return false,
    };
    let [year, _, day] = date.split('-').collect::<Vec<_>>()[..] else { return false };
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    let day = day.trim_start_matches('0');
    text.contains(year)
        && text.contains(&clock)
        && words.any(|word| word.trim_start_matches('0') == day)
}

/// Every number in a text that stands alone: no part of a date, a time or an address.
pub fn numbers(text: &str) -> Vec<f64> {
    let text = text.replace('\u{2212}', "-"); // the minus sign of typographers
    let is_part = |c: char| c.is_ascii_digit() || ".,:+-eE".contains(c);
    text.split(|c| !is_part(c))
        .filter_map(|piece| {
            let piece = piece.trim_start_matches(['.', ',', ':', 'e', 'E']);
            let piece = piece.trim_end_matches(['.', ',', ':', 'e', 'E', '+', '-']);
            piece.replace(',', ".").parse().ok()
        })
        .collect()
}

// --- bad answers

/// An answer that is good but for what `spoil` does to it, and behind it a good one.
pub fn rejects(
    scene: &mut Scene,
    what: &str,
    spoil: impl FnOnce(&mut Scene, &mut Packet),
) -> Outcome {
    let story = BadAnswer::begin(scene, what)?;
    let mut packet = story.bad;
    spoil(scene, &mut packet);
    story.from_the_server(scene, &packet.emit())
}

/// A kiss-o'-death: stratum 0 and four letters, which say why there is no time.
pub fn rejects_kiss(scene: &mut Scene, shows_code: bool) -> Outcome {
    let code = ["DENY", "RSTR", "RATE"][scene.number(0, 3) as usize];
    rejects(scene, "a kiss-o'-death", |_, packet| {
        packet.stratum = 0;
        packet.reference_id.copy_from_slice(code.as_bytes());
    })?;
    if !shows_code || scene.programs().iter().any(|program| program.printed().contains(code)) {
        return Ok(());
    }
    let sentence =
        format!("The program rejected the answer and did not show its kiss code, {code}.");
    Err(wrong(Way::NotPrinted, sentence))
}

/// An answer to another request: it differs in the origin's fraction alone.
pub fn rejects_origin(scene: &mut Scene) -> Outcome {
    let story = BadAnswer::begin(scene, "an answer to another request")?;
    let origin = Timestamp(story.bad.origin.0 ^ 1 << scene.number(16, 32));
    let bytes = Packet { origin, ..story.bad }.emit();
    let judged = story.from_the_server(scene, &bytes);
    if story.request.packet.transmit != Timestamp::ZERO {
        return judged;
    }
    let sentence = "The program took an answer to another request. The transmit timestamp of its \
                    request is zero, as in anybody's: it cannot know better.";
    judged.map_err(|trouble| trouble.or_rather(Way::Accepted, Way::WrongField, sentence))
}

/// An answer that is cut one byte short.
pub fn rejects_short(scene: &mut Scene) -> Outcome {
    let story = BadAnswer::begin(scene, "an answer of 47 bytes")?;
    story.from_the_server(scene, &story.bad.emit()[..HEADER - 1])
}

/// An answer from another port of the server's address.
pub fn rejects_source_port(scene: &mut Scene) -> Outcome {
    let story = BadAnswer::begin(scene, "an answer from another port")?;
    let port = scene.number(30_001, 32_000) as u16;
    story.from_a_stranger(scene, SocketAddr::new(story.server.ip(), port))
}

/// An answer from another address, and the server's port.
pub fn rejects_source_address(scene: &mut Scene) -> Outcome {
    let story = BadAnswer::begin(scene, "an answer from another address")?;
    let ip = scene.loopback_address();
    story.from_a_stranger(scene, SocketAddr::new(ip.into(), story.server.address.port()))
}

/// A client that gets a bad answer and then a good one.
struct BadAnswer {
    what: String,
    server: TimeServer,
    program: Program,
    request: Request,
    bad: Packet,
    good: Packet,
}

impl BadAnswer {
    fn begin(scene: &mut Scene, what: &str) -> Outcome<BadAnswer> {
        scene.give("timeout", "2");
        let server = TimeServer::open(scene)?;
        let (first, second) = (a_time(scene), a_time(scene));
        let program = scene.start()?;
        let request = server.asked(&program)?;
        let (bad, good) = (request.answer(2, first), request.answer(2, second));
        Ok(BadAnswer { what: what.into(), server, program, request, bad, good })
    }

    fn from_the_server(&self, scene: &Scene, bad: &[u8]) -> Outcome {
        scene.transcript().notes("server", format!("sends {}", self.what));
        self.server.peer.send(bad, self.request.client)?;
        self.judge(scene, bad)
    }

    fn from_a_stranger(&self, scene: &mut Scene, address: SocketAddr) -> Outcome {
        let stranger = scene.udp_peer("stranger", address)?;
        scene.transcript().notes("stranger", format!("sends {}, {address}", self.what));
        let bad = self.bad.emit();
        stranger.send(&bad, self.request.client)?;
        self.judge(scene, &bad)
    }

    /// It may reject the bad answer and end with an error, or ignore it and take the good one.
    fn judge(&self, scene: &Scene, bad: &[u8]) -> Outcome {
        let now = Timestamp::at(SystemTime::now());
        scene.transcript().notes("server", "sends a good answer");
        self.server.answers(&self.request, &self.good)?;
        let after = format!("after {}", self.what);
        let ended = wait(&self.program, &after)?;
        let numbers = numbers(&self.program.stdout().text());
        let took = |packet: &Packet| {
            let offset = packet.transmit.since(now);
            numbers.iter().any(|number| (number - offset).abs() < NEAR)
        };
        match (ended.code, took(&self.bad), took(&self.good)) {
            (Some(0), false, true) => Ok(()),
            (Some(0), true, _) => {
                let sentence = format!("The program took {}: it printed its offset.", self.what);
                Err(wrong(Way::Accepted, sentence).with_fields(table(bad)))
            }
            _ => failed(scene, &self.program, &ended, &after),
        }
    }
}

// --- no answer

/// A server that never answers.
pub fn silence(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let server = TimeServer::open(scene)?;
    let program = scene.start()?;
    server.asked(&program)?;
    gives_up(scene, &program, "when the server says nothing")
}

/// An address where no server is.
pub fn nobody_there(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let nobody = TimeServer::open(scene)?;
    let address = nobody.address;
    drop(nobody);
    scene.transcript().notes("examiner", format!("nobody is at {address}"));
    let program = scene.start()?;
    gives_up(scene, &program, "when nobody is at the server's port")
}

/// A name that nobody knows.
pub fn unknown_name(scene: &mut Scene) -> Outcome {
    clients::give_up_soon(scene);
    let name = scene.word(8) + ".invalid";
    scene.give("host", name);
    scene.names(&[])?;
    let program = scene.start()?;
    gives_up(scene, &program, "when the server's name is not known")
}

fn gives_up(scene: &Scene, program: &Program, after: &str) -> Outcome {
    let ended = wait(program, after)?;
    failed(scene, program, &ended, after)
}

fn wait(program: &Program, after: &str) -> Outcome<Ended> {
    program.wait_at_most(LONGEST_WAIT).map_err(|trouble| {
        let sentence = format!("The program still runs {after}, and should have ended.");
        trouble.or_rather(Way::StillRuns, Way::StillRuns, sentence)
    })
}

/// It ended as a program should that has no time to show. The course's own clients go on with
/// their practice server, where no other server was named.
fn failed(scene: &Scene, program: &Program, ended: &Ended, after: &str) -> Outcome {
    let practises = program.stdout().text().contains("practice server");
    if ended.code == Some(0) && practises && !scene.takes("host") {
        return Ok(());
    }
    program.failed(ended, after)
}

/// A leap indicator of a clock that does not know the time.
pub fn not_synchronized(_: &mut Scene, packet: &mut Packet) {
    packet.leap = UNSYNCHRONIZED;
}

/// The stratum of a server that does not know the time.
pub fn stratum_16(_: &mut Scene, packet: &mut Packet) {
    packet.stratum = 16;
}

/// A mode that is no server's.
pub fn wrong_mode(scene: &mut Scene, packet: &mut Packet) {
    packet.mode = [1, 2, CLIENT, 5, 6, 7][scene.number(0, 6) as usize];
}
