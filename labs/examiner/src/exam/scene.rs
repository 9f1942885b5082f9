//! What a check has at hand: a program to start, clients and servers to be, and random choices.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use socket_labs::socket_table::{Protocol, Row, State, read_some};

use super::private::Machine;
use super::program::{At, Given, Program, filled, takes, until, without};
use super::tcp::{Conn, Door};
use super::transcript::Transcript;
use super::udp::Peer;
use super::worker::Task;
use super::{Check, Exam, Outcome, PATIENCE, Trouble, Way, processes, wrong};

/// The address of loopback.
pub const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// What a check has at hand.
pub struct Scene {
    exam: &'static Exam,
    command: Vec<String>,
    folder: PathBuf,
    machine: Machine,
    random: ChaCha8Rng,
    transcript: Transcript,
    programs: Vec<Program>,
    given: Given,
    port: u16,
    next_client_port: u16,
    clients: usize,
}

/// A server program that is ready.
#[derive(Clone)]
pub struct Server {
    /// The program.
    pub program: Program,
    /// Where it is reached.
    pub address: SocketAddr,
}

impl Scene {
    /// The scene of one check. All random choices come from the seed and the name of the check, so
    /// that the same seed gives the same check.
    pub fn new(exam: &'static Exam, check: &Check, task: &Task, machine: Machine) -> Scene {
        let id = format!("{}/{}", exam.step, check.name);
        // FNV-1a: every check draws other numbers from the same seed.
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        let mut scene = Scene {
            exam,
            command: task.command.clone(),
            folder: task.folder.clone(),
            machine,
            random: ChaCha8Rng::seed_from_u64(task.seed ^ hash),
            transcript: Transcript::new(),
            programs: Vec::new(),
            given: Given::new(),
            port: exam.port,
            next_client_port: 0,
            clients: 0,
        };
        if takes(&scene.command, "port") {
            scene.port = scene.free_port();
        }
        scene.next_client_port = scene.number(40_000, 50_000) as u16;
        scene.give("port", scene.port.to_string());
        scene.give("host", "127.0.0.1");
        scene.give("timeout", "10");
        scene
    }

    /// The step that is examined.
    pub fn step(&self) -> &'static str {
        self.exam.step
    }

    /// What was seen so far.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The programs that were started, the first one first.
    pub fn programs(&self) -> &[Program] {
        &self.programs
    }

    // --- random choices

    /// A number, from `low` up to and without `high`.
    pub fn number(&mut self, low: u64, high: u64) -> u64 {
        low + self.random.next_u64() % (high - low)
    }

    /// So many random bytes, of all values. Many repeat after 65,521 bytes, which is a prime: no
    /// buffer of a program has that size, so that lost or swapped pieces still show.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length.min(65_521)];
        self.random.fill_bytes(&mut bytes);
        let unit = bytes.len();
        while bytes.len() < length {
            bytes.extend_from_within(..unit.min(length - bytes.len()));
        }
        bytes
    }

    /// A word of small letters.
    pub fn word(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'a' + self.number(0, 26) as u8)).collect()
    }

    /// A sentence of small letters, of a few words and nothing that a terminal would mind.
    pub fn sentence(&mut self) -> String {
        let words = self.number(3, 6);
        let words: Vec<String> = (0..words)
            .map(|_| {
                let length = self.number(3, 9) as usize;
                self.word(length)
            })
            .collect();
        words.join(" ")
    }

    /// An address of loopback that nobody could guess; on systems that have 127.0.0.1 alone, that.
    pub fn loopback_address(&mut self) -> Ipv4Addr {
        if cfg!(target_os = "linux") {
            let mut byte = || self.number(2, 250) as u8;
            Ipv4Addr::new(127, byte(), byte(), byte())
        } else {
            LOOPBACK
        }
    }

    /// A port that is free, below those that the system gives to clients.
    pub fn free_port(&mut self) -> u16 {
        loop {
            let port = self.number(10_000, 30_000) as u16;
            if port == port.swap_bytes() {
                continue; // it would hide a wrong byte order
            }
            if self.machine.is_private() {
                return port;
            }
            let (tcp, udp) =
                (TcpListener::bind((LOOPBACK, port)), UdpSocket::bind((LOOPBACK, port)));
            if tcp.is_ok() && udp.is_ok() {
                return port;
            }
        }
    }

    // --- the machine

    /// Whether the network is this check's own.
    pub fn is_private(&self) -> bool {
        self.machine.is_private()
    }

    /// Gives these names to these addresses, for all programs that are started from now on.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where this computer has no private machine for the check.
    pub fn names(&mut self, names: &[(IpAddr, &str)]) -> Outcome {
        if self.machine.names(names)? {
            return Ok(());
        }
        Err(Trouble::NotHere(
            "it takes a private network, which this computer does not allow".into(),
        ))
    }

    /// Gives the computer one more IPv4 address, on its loopback interface.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where this computer has no private machine for the check.
    pub fn lives_at(&mut self, address: Ipv4Addr) -> Outcome {
        if self.machine.lives_at(address)? {
            return Ok(());
        }
        Err(Trouble::NotHere(
            "it takes a private network, which this computer does not allow".into(),
        ))
    }

    /// The sockets that the program and all that it started have.
    pub fn sockets(&self, keep: impl Fn(&Row) -> bool) -> Vec<Row> {
        let mut rows = read_some(keep).unwrap_or_default();
        let family = processes::descendants();
        rows.retain(|row| row.owner.as_ref().is_some_and(|owner| family.contains(&owner.pid)));
        rows
    }

    // --- the program

    /// The port of the program where it is a server, and of the server where it is a client: drawn
    /// where the command has `{port}`, else the lab's own.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the command has this word in braces.
    pub fn takes(&self, word: &str) -> bool {
        takes(&self.command, word)
    }

    /// Leaves the option that takes this word out of the command, from the next start on. Tells
    /// whether it could: not where the word stands alone, as the second of three words does.
    pub fn without_option(&mut self, word: &str) -> bool {
        let shorter = without(&self.command, word);
        let could = shorter.is_some();
        self.command = shorter.unwrap_or_else(|| std::mem::take(&mut self.command));
        could
    }

    /// What stands for a word in braces, from the next start on.
    pub fn give(&mut self, word: &'static str, value: impl Into<String>) {
        self.given.insert(word, value.into());
    }

    /// Starts the program at a terminal.
    ///
    /// # Errors
    ///
    /// [`Way::NotStarted`].
    pub fn start(&mut self) -> Outcome<Program> {
        self.start_at(At::Terminal)
    }

    /// Starts the program.
    ///
    /// # Errors
    ///
    /// [`Way::NotStarted`].
    pub fn start_at(&mut self, at: At) -> Outcome<Program> {
        let names_port = self.exam.arguments.iter().any(|argument| argument.contains("{port}"));
        if names_port && !self.is_private() && !self.takes("port") {
            // The port may be somebody else's, or in TIME_WAIT from the check before.
            let sentence = "a program with a fixed port takes a private network, which this computer \
                            does not allow: let it take its port, and write {port} in the command";
            return Err(Trouble::NotHere(sentence.into()));
        }
        let command = filled(&self.command, &self.given);
        let program = Program::start(&self.machine, &command, &self.folder, at, &self.transcript)?;
        self.programs.push(program.clone());
        Ok(program)
    }

    /// Starts the program as a TCP server and waits until it listens.
    ///
    /// # Errors
    ///
    /// [`Way::NotStarted`], [`Way::Ended`], [`Way::NotReady`], [`Way::WrongAddress`].
    pub fn tcp_server(&mut self) -> Outcome<Server> {
        let program = self.start()?;
        self.ready(program, Protocol::Tcp)
    }

    /// Starts the program as a UDP server and waits until it is bound.
    ///
    /// # Errors
    ///
    /// [`Way::NotStarted`], [`Way::Ended`], [`Way::NotReady`], [`Way::WrongAddress`].
    pub fn udp_server(&mut self) -> Outcome<Server> {
        let program = self.start()?;
        self.ready(program, Protocol::Udp)
    }

    /// Waits until the program has its socket: told by the socket table, without a packet.
    ///
    /// # Errors
    ///
    /// [`Way::Ended`], [`Way::NotReady`], [`Way::WrongAddress`].
    pub fn ready(&mut self, program: Program, protocol: Protocol) -> Outcome<Server> {
        let port = self.port;
        let opened = |row: &Row| {
            row.protocol == protocol
                && (protocol == Protocol::Udp || row.state == Some(State::Listen))
        };
        let seen = until(PATIENCE, || {
            let rows = self.sockets(|row| opened(row) && row.local.port() == port);
            if let Some(row) = rows.first() {
                return Some(Ok(row.local));
            }
            program.still_runs("before it was ready").err().map(Err)
        });
        match seen {
            Some(local) => {
                let address = SocketAddr::new(LOOPBACK.into(), port);
                let verb = if protocol == Protocol::Tcp { "listens on" } else { "is bound to" };
                self.transcript.notes("program", format!("{verb} {}", local?));
                Ok(Server { program, address })
            }
            None => Err(self.not_ready(protocol, opened)),
        }
    }

    fn not_ready(&self, protocol: Protocol, opened: impl Fn(&Row) -> bool) -> Trouble {
        let port = self.port;
        let (kind, verb) = match protocol {
            Protocol::Tcp => ("TCP", "listening on"),
            Protocol::Udp => ("UDP", "bound to"),
        };
        let elsewhere: Vec<String> =
            self.sockets(opened).iter().map(|row| row.local.to_string()).collect();
        if !elsewhere.is_empty() {
            let sentence = format!(
                "The program's {kind} socket is {verb} {}, and not {verb} port {port}.",
                elsewhere.join(" and ")
            );
            return wrong(Way::WrongAddress, sentence);
        }
        let bound = self.sockets(|row| row.protocol == protocol && row.local.port() == port);
        let sentence = match bound.first() {
            Some(row) => {
                format!("The program has a {kind} socket at {}, and does not listen.", row.local)
            }
            None => format!("The program has no {kind} socket at port {port}."),
        };
        wrong(Way::NotReady, sentence)
    }

    // --- clients and servers to be

    /// Connects to a server as the next client.
    ///
    /// # Errors
    ///
    /// [`Way::Refused`], [`Way::Silent`].
    pub fn connect(&mut self, server: &Server) -> Outcome<Conn> {
        let (who, from) = self.next_client();
        Conn::connect(who, from, server.address, &self.transcript)
    }

    /// A UDP socket for the next client.
    ///
    /// # Errors
    ///
    /// The examiner's own.
    pub fn udp_client(&mut self) -> Outcome<Peer> {
        let (who, from) = self.next_client();
        Peer::bind(who, from, &self.transcript)
    }

    /// A UDP socket at this address, where the examiner is the server.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where the address is taken or not ours to take.
    pub fn udp_peer(&mut self, who: &str, address: SocketAddr) -> Outcome<Peer> {
        Peer::bind(who.into(), address, &self.transcript).map_err(|error| not_here(address, error))
    }

    /// Listens at this address: the examiner is the server.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where the address is taken or not ours to take.
    pub fn listen(&mut self, who: &str, address: SocketAddr) -> Outcome<Door> {
        Door::open(who.into(), address, &self.transcript).map_err(|error| not_here(address, error))
    }

    /// The name of the next client and the address it has. On a private network the port is drawn,
    /// so that a check is the same each time; port 0 elsewhere.
    fn next_client(&mut self) -> (String, SocketAddr) {
        self.clients += 1;
        let port = if self.is_private() { self.next_client_port } else { 0 };
        self.next_client_port += 1;
        (format!("client {}", self.clients), SocketAddr::new(LOOPBACK.into(), port))
    }
}

fn not_here(address: SocketAddr, trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Examiner(why) => {
            Trouble::NotHere(format!("the examiner cannot be a server at {address}: {why}"))
        }
        trouble => trouble,
    }
}
