//! The catalogue of the course: every lab and every step, once. Whatever names a step takes it
//! from here.

mod lessons;

use lessons::*;

/// What the course is made of. Whatever else lies in its folder, submissions and grades perhaps, is
/// not the course's: it is nobody's to copy.
pub const COURSE: &[&str] = &[
    ".ci",
    ".devcontainer",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "clippy.toml",
    "deny.toml",
    "docs",
    "fuzz",
    "labs",
    "rustfmt.toml",
    "src",
    "tests",
];

/// A lab: one sheet, one evening.
pub struct Lab {
    /// 0 to 7.
    pub number: u8,
    /// What the lab is about.
    pub title: &'static str,
    /// Its folder in `labs`, where its sheet is.
    pub folder: &'static str,
    /// Its programs, in the order of the sheet.
    pub steps: &'static [Step],
}

/// A step: one program to read, run and perhaps write.
pub struct Step {
    /// The name of the program, which is the id of the step.
    pub name: &'static str,
    /// What one learns from it, in a few words.
    pub teaches: &'static str,
    /// What to type behind the program's name to see it work.
    pub arguments: &'static str,
    /// Whether the student writes it too.
    pub exercise: bool,
    /// What helps with writing it; empty where it is no exercise.
    pub lesson: Lesson,
}

/// What helps a student to write a program, and what comes after it.
#[derive(Debug, Clone, Copy)]
pub struct Lesson {
    /// What to think of, from vague to concrete. None is the whole answer, nor are all together.
    pub hints: &'static [&'static str],
    /// What to look at in the reference, and what to read, when the student's own program passes.
    pub afterwards: &'static str,
}

impl Lab {
    /// Its sheet, from the folder of the course.
    pub fn sheet(&self) -> String {
        format!("labs/{}/README.md", self.folder)
    }
}

/// What tells of all sheets, from the folder of the course.
pub const SHEETS: &str = "labs/README.md";

impl Step {
    /// The sheet of its lab, from the folder of the course.
    pub fn sheet(&self) -> String {
        let is_of = |lab: &&Lab| lab.steps.iter().any(|step| step.name == self.name);
        LABS.iter().find(is_of).map_or(SHEETS.into(), Lab::sheet)
    }

    /// The command that runs a student's answer.
    pub fn command_of_answer(&self) -> String {
        self.command().replacen("--bin", "-p answers --bin", 1)
    }

    /// The command that runs the step.
    pub fn command(&self) -> String {
        match self.arguments {
            "" => format!("cargo run --bin {}", self.name),
            arguments => format!("cargo run --bin {} -- {arguments}", self.name),
        }
    }
}

const fn read(name: &'static str, arguments: &'static str, teaches: &'static str) -> Step {
    let lesson = Lesson { hints: &[], afterwards: "" };
    Step { name, teaches, arguments, exercise: false, lesson }
}

const fn write(
    name: &'static str,
    arguments: &'static str,
    teaches: &'static str,
    lesson: Lesson,
) -> Step {
    Step { name, teaches, arguments, exercise: true, lesson }
}

/// Every step, in the order of the course.
pub fn steps() -> impl Iterator<Item = &'static Step> {
    LABS.iter().flat_map(|lab| lab.steps)
}

/// The step of this name.
pub fn step(name: &str) -> Option<&'static Step> {
    steps().find(|step| step.name == name)
}

/// The step to begin with: it needs no second terminal and works without a network.
pub const FIRST: &str = "ntp_client";

/// The whole course.
pub const LABS: &[Lab] = &[
    Lab {
        number: 0,
        title: "Toolbox",
        folder: "00-toolbox",
        steps: &[
            read("netcat", "-l -v 9000", "a keyboard and a screen for any socket"),
            read("netstat", "--listening", "which sockets this machine has, and whose they are"),
        ],
    },
    Lab {
        number: 1,
        title: "Names and services",
        folder: "01-names",
        steps: &[
            read("hostname", "", "the name of this machine, and the address behind it"),
            read("resolve", "", "from a name to its addresses"),
            read("service_by_port", "", "from a port to the name of its service, and back"),
        ],
    },
    Lab {
        number: 2,
        title: "A first client and server",
        folder: "02-first-pair",
        steps: &[
            read("udp_receipt_server", "", "one datagram, one receipt"),
            write(
                "udp_server",
                "",
                "a socket with an address: bind(), recvfrom(), sendto()",
                UDP_SERVER,
            ),
            write("udp_client", "", "a datagram there and a datagram back, or silence", UDP_CLIENT),
            write("tcp_server", "", "one client after the other: listen(), accept()", TCP_SERVER),
            write(
                "tcp_client",
                "",
                "a connection: connect(), sendall(), recv() to the end",
                TCP_CLIENT,
            ),
        ],
    },
    Lab {
        number: 3,
        title: "The time: NTP",
        folder: "03-ntp",
        steps: &[
            read("ntp_client", "", "the time from a server, through a library"),
            write(
                "ntp_client_raw",
                "",
                "the same by hand: 48 bytes, four timestamps",
                NTP_CLIENT_RAW,
            ),
            read("ntp_server", "", "a clock to practise with, wrong by 2.5 seconds"),
        ],
    },
    Lab {
        number: 4,
        title: "HTTP by hand",
        folder: "04-http",
        steps: &[
            read("http_01_socket", "", "socket(): nothing but a descriptor"),
            write("http_02_resolve", "", "+ the name becomes an address", HTTP_02_RESOLVE),
            write("http_03_connect", "", "+ connect(): SYN, SYN-ACK, ACK", HTTP_03_CONNECT),
            write("http_04_send", "", "+ sendall(): a request, byte by byte", HTTP_04_SEND),
            write("http_05_receive", "", "+ recv() until the end of the stream", HTTP_05_RECEIVE),
            read("http_get", "-v", "the finished client: where does a response end?"),
            read("http_server", "", "a web server to practise with"),
        ],
    },
    Lab {
        number: 5,
        title: "A server in five stages",
        folder: "05-server",
        steps: &[
            read("server_01_bind", "", "bind(): an address, and nobody can reach it"),
            read("server_02_accept", "", "+ listen(), accept(): one client"),
            read("server_03_reply", "", "+ recv(), sendall(): one answer"),
            read("server_04_loop", "", "+ the loop: one client after the other"),
            write(
                "server_05_threads",
                "",
                "+ threads: nobody waits for another",
                SERVER_05_THREADS,
            ),
        ],
    },
    Lab {
        number: 6,
        title: "The echo service",
        folder: "06-echo",
        steps: &[
            write("echo_server", "", "every byte back, in order, to everyone at once", ECHO_SERVER),
            write(
                "echo_client",
                "'Hello, world'",
                "16 bytes at a time: a stream has no messages",
                ECHO_CLIENT,
            ),
            write(
                "udp_echo_server",
                "",
                "every datagram back: here there are messages",
                UDP_ECHO_SERVER,
            ),
            read("udp_echo_client", "'Hello, world'", "one datagram there, one back"),
        ],
    },
    Lab {
        number: 7,
        title: "The Mandela peer",
        folder: "07-mandela",
        steps: &[write(
            "mandela",
            "--peer 127.0.0.1:5006",
            "a protocol of one's own: client and server at once",
            MANDELA,
        )],
    },
];
