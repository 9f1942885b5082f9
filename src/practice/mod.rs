//! The practice servers, and the rule of when they are asked.
//!
//! Labs are held where UDP 123 is blocked, and in trains. A client of a public server therefore
//! asks, in this order: the server that was named, and no other; else the course's public default;
//! else, where that cannot be reached, a practice server in its own process.

pub mod http;
pub mod ntp;

use std::fmt;
use std::net::SocketAddr;

use crate::error::Failure;
use crate::note;

/// The server that a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name or address, as it was given.
    pub name: String,
    /// Its port.
    pub port: u16,
    /// Where the practice server of this process listens, if it is that one.
    pub practice: Option<SocketAddr>,
}

impl Server {
    /// What is put behind a result: nothing, or ` (practice server)`.
    pub fn mark(&self) -> Mark {
        Mark(self.practice.is_some())
    }
}

/// The mark behind a result of the practice server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(bool);

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { " (practice server)" } else { "" })
    }
}

/// Asks the server that was named; with none named, the public default; and where that cannot be
/// reached, the practice server that `start` starts.
///
/// `ask` is called once or twice. A [`Failure`] of the first call means "cannot be reached".
///
/// # Errors
///
/// What `ask` answers for the server that was asked last. A named server, or any with `online_only`,
/// is asked alone.
pub fn ask<T>(
    named: Option<&str>,
    default: (&str, u16),
    online_only: bool,
    start: impl FnOnce() -> anyhow::Result<SocketAddr>,
    ask: impl Fn(&Server) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (default, port) = default;
    let public = Server { name: named.unwrap_or(default).to_string(), port, practice: None };
    let answer = ask(&public);
    if named.is_some() || online_only {
        return answer;
    }
    let error = match answer {
        Err(error) if error.is::<Failure>() => error,
        answer => return answer,
    };
    let address = start()?;
    note!("note: {default} is out of reach ({error}): asking the practice server at {address}");
    ask(&Server { practice: Some(address), ..public })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn start() -> anyhow::Result<SocketAddr> {
        Ok("127.0.0.1:4711".parse()?)
    }

    fn only_practice(server: &Server) -> anyhow::Result<String> {
        match server.practice {
            Some(_) => Ok(format!("{}{}", server.name, server.mark())),
            None => Err(Failure::new("resolve", "x", &io::ErrorKind::TimedOut.into()).into()),
        }
    }

    #[test]
    fn without_a_network_the_practice_server_is_asked() {
        let answer = ask(None, ("pool.example", 123), false, start, only_practice);
        assert_eq!(answer.unwrap(), "pool.example (practice server)");
    }

    #[test]
    fn a_named_server_and_online_only_are_asked_alone() {
        assert!(ask(Some("mine"), ("pool.example", 123), false, start, only_practice).is_err());
        assert!(ask(None, ("pool.example", 123), true, start, only_practice).is_err());
    }

    #[test]
    fn an_error_that_is_not_of_the_network_is_not_covered_up() {
        let wrong = |_: &Server| anyhow::bail!("stratum 16");
        let answer: anyhow::Result<()> = ask(None, ("x", 1), false, start, wrong);
        assert_eq!(answer.unwrap_err().to_string(), "stratum 16");
    }
}
