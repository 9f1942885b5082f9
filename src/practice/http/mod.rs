//! The practice web server: GET and HEAD of the files under one folder, or of a few built-in pages.
//!
//! The program listens, accepts, and gives each client a thread, as `server_05_threads` does; what
//! is said to one client is here. [`start`] is for the clients of this course: a whole server in a
//! thread of their own process.

mod beneath;
mod connection;
mod folder;
mod page;
mod sending;
mod site;

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use socket2::Socket;

pub use connection::{REQUESTS_A_CONNECTION, refuse, serve};
pub use site::Site;

use crate::clients::{STACK, Seats, WRITE_PATIENCE, try_again_after};
use crate::error::{Failure, OrCannot};

/// How many clients the server of [`start`] takes at once, and how long it waits for a request.
const SEATS: u32 = 16;
const IDLE: Duration = Duration::from_secs(10);

/// Serves the built-in site, in a thread, to whoever connects to this listening socket, until the
/// process ends. Returns the address of the socket.
///
/// # Errors
///
/// The socket has no address, or the system gives no thread.
pub fn start(listener: TcpListener) -> Result<SocketAddr, Failure> {
    let address =
        listener.local_addr().or_cannot("ask for the address of", "the practice server")?;
    thread::Builder::new()
        .name("practice server".into())
        .spawn(move || serve_all(&listener))
        .or_cannot("start", "the practice server")?;
    Ok(address)
}

fn serve_all(listener: &TcpListener) {
    let seats = Seats::new(SEATS);
    loop {
        let (client, peer) = match listener.accept() {
            Ok((client, peer)) => (Socket::from(client), peer),
            Err(error) => match try_again_after(error) {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        let Some(seat) = seats.take() else {
            continue; // and the connection is closed
        };
        let guest = move || {
            let _seat = seat;
            let _ = client.set_write_timeout(Some(WRITE_PATIENCE));
            let _ = client.set_tcp_nodelay(true);
            // This server has no terminal: a client's trouble is seen by the client.
            let _ = serve(&client, peer, &Site::built_in(), IDLE, |_| ());
        };
        // Where the system gives no thread, dropping the client closes its connection.
        let _ = thread::Builder::new().stack_size(STACK).spawn(guest);
    }
}
