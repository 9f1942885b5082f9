//! What a check has at hand: a program to start, clients and servers to be, and random choices.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use socket_labs::socket_table::{Protocol, Row, State, read_some};

use super::calls::{self, Calls};
use super::private::{self, Machine};
use super::program::{At, Given, Program, filled, leave_out, put_options, takes, until, without};
use super::tcp::{Conn, Deaf, Door};
use super::transcript::Transcript;
use super::udp::Peer;
use super::worker::Task;
use super::{
    Check, Exam, Outcome, PATIENCE, Trouble, Way, names, nobodys, ports, processes, refusal, wrong,
};

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
    options: Vec<String>,
    left_out: Vec<&'static str>,
    port: u16,
    next_client_port: u16,
    /// Where clients are: an address of the family of the server that was started last.
    client_ip: IpAddr,
    clients: usize,
    folders: Vec<PathBuf>,
    /// What the programs connect to, where that is watched.
    connects: Option<Option<Calls>>,
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
            options: Vec::new(),
            left_out: Vec::new(),
            port: exam.port,
            next_client_port: 0,
            client_ip: LOOPBACK.into(),
            clients: 0,
            folders: Vec::new(),
            connects: None,
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
            with_a_large_octet(Ipv4Addr::new(127, byte(), byte(), byte()))
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
            if ports::is_free(port) {
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
        Err(needs_a_private_machine())
    }

    /// Leads every name of a zone, and the zone's own, to this address. A check may do it once.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where this computer has no private machine for the check.
    pub fn names_below(&mut self, zone: &str, ip: Ipv4Addr) -> Outcome {
        if !self.is_private() {
            return Err(needs_a_private_machine());
        }
        Ok(names::serve(zone, ip)?)
    }

    /// Gives the machine another name, of at most 64 bytes. It has no address for it until
    /// [`Scene::names`] gives one.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where this computer has no private machine for the check.
    pub fn host_name(&mut self, name: &str) -> Outcome {
        if self.machine.host_name(name)? {
            return Ok(());
        }
        Err(needs_a_private_machine())
    }

    /// Puts this text in the place of the list of services, `/etc/services`; `None` takes the list
    /// away.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where this computer has no private machine for the check.
    pub fn services(&mut self, list: Option<&str>) -> Outcome {
        if !self.is_private() {
            return Err(needs_a_private_machine());
        }
        match list {
            Some(text) => self.machine.file("services", text)?,
            None => drop(self.machine.no_file("services")?),
        }
        Ok(())
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

    /// Goes on only where there is IPv6: without it getaddrinfo() keeps IPv6 addresses from a program.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where this computer has no address `::1`.
    pub fn needs_ipv6(&self) -> Outcome {
        match UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)) {
            Ok(_) => Ok(()),
            Err(_) => {
                Err(Trouble::NotHere("it takes IPv6, which this computer does not have".into()))
            }
        }
    }

    /// The sockets that the program and all that it started have.
    pub fn sockets(&self, keep: impl Fn(&Row) -> bool) -> Vec<Row> {
        let mut rows = read_some(keep).unwrap_or_default();
        if !rows.is_empty() {
            let family = processes::descendants();
            rows.retain(|row| row.owner.as_ref().is_some_and(|owner| family.contains(&owner.pid)));
        }
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

    /// Whether the command's last argument is this word in braces: it can be left out.
    pub fn ends_with(&self, word: &str) -> bool {
        self.command.last().is_some_and(|part| *part == format!("{{{word}}}"))
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

    /// The options of the program, from the next start on: what stands for `{options}`, as many
    /// arguments as there are. A command without the word gets them in front of its first word in
    /// braces, or at its end.
    pub fn give_options(&mut self, options: &[&str]) {
        self.options = options.iter().map(|option| option.to_string()).collect();
    }

    /// Leaves out the argument that is this word in braces, and an option in front of it, from the
    /// next start on.
    pub fn leave_out(&mut self, word: &'static str) {
        self.left_out.push(word);
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
        let mut command = self.command.clone();
        self.left_out.iter().for_each(|word| leave_out(&mut command, word));
        put_options(&mut command, &self.options);
        let command = filled(&command, &self.given);
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
        read_some(|_| false).map_err(|error| {
            Trouble::NotHere(format!("nobody can tell when a server is ready here: {error}"))
        })?;
        let opened = |row: &Row| {
            row.protocol == protocol
                && (protocol == Protocol::Udp || row.state == Some(State::Listen))
        };
        let look = || {
            let rows = self.sockets(|row| opened(row) && row.local.port() == port);
            // A program may have one for each family: the lab's is IPv4.
            if let Some(row) =
                rows.iter().find(|row| row.local.ip().to_canonical().is_ipv4()).or(rows.first())
            {
                return Some(Ok(row.local));
            }
            if protocol == Protocol::Tcp
                && let Some(local) = nobodys::listening(port)
            {
                return Some(Ok(local));
            }
            program.still_runs("before it was ready").err().map(Err)
        };
        match until(PATIENCE, look) {
            Some(local) => {
                let local = local?;
                let verb = if protocol == Protocol::Tcp { "listens on" } else { "is bound to" };
                self.transcript.notes("program", format!("{verb} {local}"));
                let Some(ip) = self.reached_at(local, protocol) else {
                    let sentence = format!(
                        "The program {verb} {local}: nobody who asks for localhost or for this \
                         machine's name comes there."
                    );
                    return Err(wrong(Way::WrongAddress, sentence));
                };
                self.client_ip = match ip {
                    IpAddr::V4(_) => LOOPBACK.into(),
                    IpAddr::V6(_) => ip,
                };
                Ok(Server { program, address: SocketAddr::new(ip, port) })
            }
            None => Err(self.not_ready(protocol, opened)),
        }
    }

    /// The address at which clients reach a server that is bound to this one. A server may be bound to
    /// every address, to `localhost` (which may be `::1`), or to the machine's own name.
    fn reached_at(&self, local: SocketAddr, protocol: Protocol) -> Option<IpAddr> {
        let told = self.given.get("host").and_then(|host| host.parse().ok());
        // ::ffff:127.0.0.1 is 127.0.0.1 of a socket that has both families, as every one of Java has.
        match local.ip().to_canonical() {
            ip if told == Some(ip) => Some(ip),
            ip if ip == LOOPBACK || ip == Ipv6Addr::LOCALHOST || Some(ip) == self.own_ip() => {
                Some(ip)
            }
            IpAddr::V4(ip) if ip.is_unspecified() => Some(LOOPBACK.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => {
                // It has IPv4 too, unless the program does not want it.
                let has_ipv4 =
                    ports::is_served(SocketAddr::from((LOOPBACK, local.port())), protocol);
                Some(if has_ipv4 { LOOPBACK.into() } else { Ipv6Addr::LOCALHOST.into() })
            }
            // The network of this computer has more addresses, and names for them.
            ip => (!self.is_private()).then_some(ip),
        }
    }

    /// The address that the machine's own name has, where it is one of a check's own.
    pub fn own_ip(&self) -> Option<IpAddr> {
        self.is_private().then_some(IpAddr::V4(private::OWN_IP))
    }

    fn not_ready(&self, protocol: Protocol, opened: impl Fn(&Row) -> bool) -> Trouble {
        let port = self.port;
        let (kind, verb) = match protocol {
            Protocol::Tcp => ("TCP", "listening on"),
            Protocol::Udp => ("UDP", "bound to"),
        };
        let elsewhere: Vec<String> = self
            .sockets(|row| opened(row) && row.local.port() != port)
            .iter()
            .map(|row| row.local.to_string())
            .collect();
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
        let door = Door::open(who.into(), address, &self.transcript);
        let door = door.map_err(|error| not_here(address, error))?;
        // Where this system does not let it be watched, nobody can tell where a program has connected.
        let calls = self.connects.get_or_insert_with(|| calls::watch_connect().ok());
        Ok(door.watching(calls.clone()))
    }

    /// A new folder, empty and gone after the check: on a private machine always at the same place.
    ///
    /// # Errors
    ///
    /// The examiner's own.
    pub fn new_folder(&mut self, name: &str) -> Outcome<PathBuf> {
        if self.is_private() {
            // On a closed machine the first one cannot be written to, and /tmp is the check's own.
            let places = [private::FILES, "/tmp"].map(|place| PathBuf::from(place).join(name));
            let found = places.into_iter().find(|place| std::fs::create_dir_all(place).is_ok());
            return found.ok_or_else(|| Trouble::Examiner("no folder can be made".into()));
        }
        let own = crate::folder::new()?;
        let folder = own.join(name);
        self.folders.push(own);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Starts the program in this folder in place of its own, as a TCP server, and waits until it
    /// listens.
    ///
    /// # Errors
    ///
    /// As [`Scene::tcp_server`].
    pub fn tcp_server_in(&mut self, folder: &std::path::Path) -> Outcome<Server> {
        // A file that the command names is in the program's own folder.
        let own = self.folder.clone();
        let whole = |word: &String| match own.join(word) {
            path if !word.is_empty() && path.is_file() => path.display().to_string(),
            _ => word.clone(),
        };
        let command = filled(&self.command, &self.given).iter().map(whole).collect::<Vec<_>>();
        let program =
            Program::start(&self.machine, &command, folder, At::Terminal, &self.transcript)?;
        self.programs.push(program.clone());
        self.ready(program, Protocol::Tcp)
    }

    /// Starts the program at a terminal, on a system that gives it no TCP socket: socket() fails with
    /// EACCES.
    ///
    /// # Errors
    ///
    /// [`Way::NotStarted`]; [`Trouble::NotHere`], where this system cannot refuse it.
    pub fn start_without_tcp(&mut self) -> Outcome<Program> {
        let start = || {
            refusal::refuse_tcp().map_err(|error| {
                Trouble::NotHere(format!("this system cannot refuse a socket: {error}"))
            })?;
            self.transcript.notes("system", "refuses every TCP socket: EACCES");
            self.start()
        };
        // In a thread of its own: what it refuses, it refuses to this thread for ever.
        std::thread::scope(|scope| match scope.spawn(start).join() {
            Ok(started) => started,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }

    /// Listens at this address and answers nobody: its queue is full, so that a connect() waits for
    /// as long as the program lets it.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotHere`], where the address is taken, or the queue takes everyone.
    pub fn deaf(&mut self, who: &str, address: SocketAddr) -> Outcome<Deaf> {
        Deaf::open(who, address, &self.transcript).map_err(|error| not_here(address, error))
    }

    /// The name of the next client and the address it has. On a private network the port is drawn,
    /// so that a check is the same each time; port 0 elsewhere.
    fn next_client(&mut self) -> (String, SocketAddr) {
        self.clients += 1;
        let port = if self.is_private() { self.next_client_port } else { 0 };
        self.next_client_port += 1;
        (format!("client {}", self.clients), SocketAddr::new(self.client_ip, port))
    }
}

/// The address with an octet above 127: one that is printed as a signed number then shows.
pub fn with_a_large_octet(ip: Ipv4Addr) -> Ipv4Addr {
    let [a, b, c, d] = ip.octets();
    if [b, c, d].iter().any(|octet| *octet > 127) {
        ip
    } else {
        Ipv4Addr::new(a, b, c, d.max(4) + 124)
    }
}

fn needs_a_private_machine() -> Trouble {
    Trouble::NotHere("it takes a private network, which this computer does not allow".into())
}

impl Drop for Scene {
    fn drop(&mut self) {
        for folder in &self.folders {
            let _ = std::fs::remove_dir_all(folder);
        }
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
