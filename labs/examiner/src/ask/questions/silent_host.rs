//! 21: a host that never answers.

use std::io::{self, ErrorKind::PermissionDenied};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use socket_labs::socket_table::{Row, State};

use crate::ask::{Outcome, PATIENCE, Question, Sock, Stop, Trial, choice, value};

pub const SILENT_HOST: Question = Question {
    step: "ntp_client",
    asks: "A host throws away every packet and never answers: a firewall is in front of it, or it is \
           switched off. A TCP client connects to it. A UDP client sends it a datagram. What do they see?",
    choices: &[
        choice("Both are refused at once: ECONNREFUSED.", &[("connect() of TCP", "ECONNREFUSED")]),
        choice(
            "connect() fails at once with EHOSTUNREACH, and so does send() over UDP.",
            &[("connect() of TCP", "EHOSTUNREACH"), ("send() of UDP", "EHOSTUNREACH")],
        ),
        choice(
            "connect() waits until its timeout. send() over UDP waits, too.",
            &[("connect() of TCP", "timed out"), ("send() of UDP", "timed out")],
        ),
        choice(
            "connect() waits until its timeout. send() over UDP succeeds, and no answer comes.",
            &[
                ("connect() of TCP", "timed out"),
                ("state while it waits", "SYN_SENT"),
                ("send() of UDP", "ok"),
                ("recv() of UDP", "timed out"),
            ],
        ),
    ],
    right: 'd',
    lanes: &["client", "host"],
    takes: "about two seconds: the client waits for answers that do not come",
    experiment,
    explanation: &[
        "TCP needs an answer to its SYN. When none comes, the system sends the SYN again, after 1 second and \
         then some more times. Linux gives up after about two minutes (ETIMEDOUT). That is too \
         long for most programs, so give connect() a timeout of your own.",
        "UDP needs no answer: send() is done when the datagram has left. Only the wait for an answer \
         shows that something is wrong, so every recv() of a UDP client needs a timeout.",
        "ECONNREFUSED would be an answer: the machine is there, the server is not. Silence says less: wrong \
         address, firewall, no power. (A router may also tell: EHOSTUNREACH.)",
    ],
    elsewhere: "macOS gives up after 75 seconds, Windows after 21. This experiment runs on Linux only, \
                where a socket can be told to drop all that arrives. Elsewhere try an address that nobody \
                has (RFC 5737): cargo run --bin netcat -- --timeout 3 192.0.2.1 80",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(11123)?;
    let host = trial.tcp("host")?;
    host.bind(place)?;
    host.listen(0)?;
    let _full = silence(trial, &host, place)?;
    trial.note("From here on the host drops every packet that comes.");
    let mut client = trial.tcp("client")?;
    client.timeout(Duration::from_millis(1300))?;
    let (connected, state) = thread::scope(|scope| {
        let connecting = scope.spawn(|| client.connect(place));
        let wanted = |row: &Row| row.remote == Some(place) && row.state == Some(State::SynSent);
        trial.until_table(wanted);
        let rows = trial.table(wanted);
        let state = rows.first().and_then(|row| row.state).map_or("unknown", State::name);
        (connecting.join(), state)
    });
    let connected = connected.map_err(|_| Stop::Broke("the thread that connects".into()))?;
    trial.fact("state while it waits", state);
    trial.fact("connect() of TCP", value(&connected));

    trial.note("The same over UDP.");
    let host = trial.udp("host")?;
    host.bind(place)?;
    drop_all(trial, &host)?;
    let mut client = trial.udp("client")?;
    client.timeout(Duration::from_millis(500))?;
    client.connect(place)?;
    let sent = client.send(b"hello?");
    trial.fact("send() of UDP", value(&sent));
    let answer = client.recv(1024);
    trial.fact("recv() of UDP", value(&answer));
    Ok(())
}

/// Makes a listening socket silent. Linux gives TCP a filter only with the right CAP_NET_ADMIN, as in
/// a network of one's own. Without it one client fills the backlog, and Linux drops every further SYN.
fn silence(trial: &Trial, host: &Sock, place: SocketAddr) -> Outcome<Option<TcpStream>> {
    match drop_all(trial, host) {
        Err(error) if cfg!(target_os = "linux") && error.kind() == PermissionDenied => {
            trial
                .note("Without that right: one client fills the backlog, so every SYN is dropped.");
            Ok(Some(TcpStream::connect_timeout(&place, PATIENCE)?))
        }
        Err(_) => Err(Stop::cannot_run("this system has no socket that drops all that arrives")),
        Ok(()) => Ok(None),
    }
}

/// A filter of one instruction, `ret #0`: of each packet that arrives at this socket keep 0 bytes
/// (socket(7), SO_ATTACH_FILTER). The socket is then as silent as a host behind a firewall.
#[cfg(target_os = "linux")]
fn drop_all(trial: &Trial, socket: &Sock) -> io::Result<()> {
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K of <linux/bpf_common.h>
    let attach = || socket.raw().attach_filter(&[socket2::SockFilter::new(RETURN, 0, 0, 0)]);
    trial.call("host", "setsockopt(SO_ATTACH_FILTER)", attach, |()| "ok".into())
}

#[cfg(not(target_os = "linux"))]
fn drop_all(_: &Trial, _: &Sock) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
