//! What every client is asked, whatever it asks for.

use std::net::SocketAddr;
use std::time::Duration;

use super::program::Program;
use super::{Outcome, Scene};

/// The longest that a client may wait for a server, where it cannot be told how long: no lab waits
/// longer than ten seconds.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Makes the program wait only a short time for its server, where its command has `{timeout}`.
pub fn give_up_soon(scene: &mut Scene) {
    scene.give("timeout", "0.4");
}

/// The program ends with an error after a finite wait. `after` says what was the matter: "when the
/// server says nothing".
pub fn gives_up(program: &Program, after: &str) -> Outcome {
    program.fails_within(LONGEST_WAIT, after)
}

/// The address that the program will ask: where its command has `{host}`, one that nobody could
/// guess, else 127.0.0.1; and the port of the scene. It is given to the program.
pub fn server_address(scene: &mut Scene) -> SocketAddr {
    let ip = if scene.takes("host") { scene.loopback_address() } else { super::scene::LOOPBACK };
    scene.give("host", ip.to_string());
    SocketAddr::new(ip.into(), scene.port())
}

/// Types the message, where the command has no `{message}` to put it in.
pub fn say(scene: &mut Scene, program: &Program, message: &str) -> Outcome {
    if !scene.takes("message") {
        program.types(message.as_bytes())?;
    }
    Ok(())
}

/// The longest that the program may wait for a server: a moment, where it was told to give up soon.
pub fn longest_wait(scene: &Scene) -> Duration {
    if scene.takes("timeout") { super::PATIENCE } else { LONGEST_WAIT }
}
