//! 16: the server dies while a client is connected.

use std::net::SocketAddr;

use super::connection::{Connection, another, arrived, connection, received};
use crate::ask::{Outcome, Question, Sock, Trial, choice, value};

pub const SERVER_DIES: Question = Question {
    step: "server_05_threads",
    asks: "A client is connected. The server's process is killed (kill -9). The client calls recv(), \
           then send(), then send() once more. What does it get?",
    choices: &[
        choice(
            "recv() waits for ever: a killed process cannot say good-bye.",
            &[("recv()", "timed out")],
        ),
        choice(
            "recv() fails with ECONNREFUSED, and both send() too.",
            &[("recv()", "ECONNREFUSED")],
        ),
        choice(
            "recv() returns 0 bytes; the first send() succeeds, the second fails with EPIPE.",
            &[
                ("recv()", "0 bytes"),
                ("the first send()", "ok"),
                ("the second send()", "EPIPE"),
                ("recv(), where input was left unread", "ECONNRESET"),
            ],
        ),
        choice(
            "recv() returns 0 bytes, and both send() fail with EPIPE.",
            &[("recv()", "0 bytes"), ("the first send()", "EPIPE")],
        ),
    ],
    right: 'c',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "A process cannot take its sockets with it. When it dies, however it dies, the system closes \
         them, and that sends FIN. So recv() returns 0 bytes, as after any close(). (It is different \
         when the power fails, or the cable is cut: then nobody sends anything, and recv() waits.)",
        "send() only puts bytes into a buffer: it cannot know yet that nobody will read them. They are \
         answered with RST. After that the connection is gone, and the next send() fails with EPIPE. With \
         it comes a signal, SIGPIPE: it ends a program in C, while Rust and Python ignore it.",
        "If the server left input unread, the system sends RST in place of FIN: bytes were lost, \
         and the client is to know. recv() is then ECONNRESET.",
    ],
    elsewhere: "macOS: the same. Windows: the end of a process often sends RST there, so recv() is \
                WSAECONNRESET (10054), and so is a later send(); there is no EPIPE.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(8888)?;
    let Connection { client, server, listener, .. } = connection(trial, place)?;
    trial.note("The connection goes to a process of its own: cat, which echoes.");
    let process = Process::start(trial, server, &["cat"])?;
    client.send(b"hello")?;
    client.recv(1024)?;
    process.die(trial)?;
    let end = client.recv(1024);
    trial.fact("recv()", received(&end));
    let first = client.send(b"are you there?");
    trial.fact("the first send()", value(&first));
    trial.until(|| client.raw().peer_addr().is_err()); // so RST has come
    let second = client.send(b"hello?");
    trial.fact("the second send()", value(&second));
    client.close();

    unread(trial, &listener, place)
}

/// A server that dies with input which it has not read.
fn unread(trial: &mut Trial, listener: &Sock, place: SocketAddr) -> Outcome {
    trial.note("A second server never reads: it only sleeps.");
    let (client, _, server) = another(trial, listener, place)?;
    client.send(b"hello")?;
    arrived(trial, &server, 5);
    let process = Process::start(trial, server, &["sleep", "60"])?;
    process.die(trial)?;
    let reset = client.recv(1024);
    trial.fact("recv(), where input was left unread", received(&reset));
    client.close();
    Ok(())
}

/// A server as a process of its own: a program whose input and output are the connection.
#[cfg(unix)]
struct Process(std::process::Child);

#[cfg(unix)]
impl Process {
    /// Hands the connection over. This process keeps no copy of it.
    fn start(trial: &Trial, server: Sock, words: &[&str]) -> Outcome<Process> {
        use std::io;
        use std::os::fd::OwnedFd;
        use std::process::{Command, Stdio};

        use crate::ask::Stop;

        let start = || {
            let copy = || io::Result::Ok(Stdio::from(OwnedFd::from(server.raw().try_clone()?)));
            Command::new(words[0]).args(&words[1..]).stdin(copy()?).stdout(copy()?).spawn()
        };
        let call = format!("exec({})", words.join(" "));
        let started = trial.call("server", call, start, |child| format!("process {}", child.id()));
        let cannot = |_| Stop::cannot_run(format!("the program {} cannot be started", words[0]));
        started.map(Process).map_err(cannot)
    }

    /// kill -9
    fn die(mut self, trial: &Trial) -> Outcome {
        let kill = || self.0.kill().and_then(|()| self.0.wait());
        trial.call("server", "kill(SIGKILL)", kill, |_| "it is dead".into())?;
        Ok(())
    }
}

/// Nothing of the experiment outlives it.
#[cfg(unix)]
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where a connection cannot be handed to another process so simply, it is closed, as the system
/// closes it when a process dies.
#[cfg(not(unix))]
struct Process(Sock);

#[cfg(not(unix))]
impl Process {
    fn start(trial: &Trial, server: Sock, _: &[&str]) -> Outcome<Process> {
        trial.note("The death of the server is played here: its socket is closed.");
        Ok(Process(server))
    }

    fn die(self, _: &Trial) -> Outcome {
        self.0.close();
        Ok(())
    }
}
