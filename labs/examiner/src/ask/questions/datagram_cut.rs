//! 14: a datagram larger than the buffer.

use std::mem::MaybeUninit;

use socket2::MaybeUninitSlice;

use super::connection::received;
use crate::ask::{Outcome, Question, Sock, Trial, choice};
use crate::exam::transcript::count;

pub const DATAGRAM_CUT: Question = Question {
    step: "udp_server",
    asks: "Two datagrams arrive at a server: one of 20 bytes, then one of 6. The server calls \
           recvfrom() twice, each time with a buffer of 8 bytes. What does it get?",
    choices: &[
        choice(
            "The first 8 bytes of the long one, then the next 8 of it.",
            &[("the first recvfrom(8)", "8 bytes"), ("the second recvfrom(8)", "8 bytes")],
        ),
        choice(
            "Nothing of the long one: the call fails with EMSGSIZE.",
            &[("the first recvfrom(8)", "EMSGSIZE")],
        ),
        choice(
            "The first 8 bytes of the long one, then all of the short one. The rest is lost.",
            &[("the first recvfrom(8)", "8 bytes"), ("the second recvfrom(8)", "6 bytes")],
        ),
        choice("All 20 bytes: the buffer grows.", &[("the first recvfrom(8)", "20 bytes")]),
    ],
    right: 'c',
    lanes: &["client", "server"],
    takes: "",
    experiment,
    explanation: &[
        "UDP keeps the borders between datagrams. One recvfrom() takes one datagram out of the queue, \
         whole. What does not fit into the buffer is thrown away; the next call gets the next datagram.",
        "recvfrom() says nothing about the loss: 8 bytes is also what a datagram of 8 bytes gives. Only \
         recvmsg() tells, with the flag MSG_TRUNC. So give it a buffer that holds the largest datagram.",
        "Compare TCP: there the rest stays in the queue, and the next recv() gets it.",
    ],
    elsewhere: "macOS behaves alike. On Windows the same 8 bytes are in the buffer, but recvfrom() \
                returns the error WSAEMSGSIZE (10040); the rest is lost there too.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let place = trial.address(12000)?;
    let server = trial.udp("server")?;
    server.bind(place)?;
    let client = trial.udp("client")?;

    client.send_to(b"a long datagram, cut", place)?;
    client.send_to(b"second", place)?;
    let first = server.recv_from(8).map(|(bytes, _)| bytes);
    trial.fact("the first recvfrom(8)", received(&first));
    let second = server.recv_from(8).map(|(bytes, _)| bytes);
    trial.fact("the second recvfrom(8)", received(&second));

    client.send_to(b"a long datagram, cut", place)?;
    let is_cut = receive_message(trial, &server)?;
    trial.fact("recvmsg(8) of the long one", if is_cut { "MSG_TRUNC" } else { "no flag" });
    Ok(())
}

/// recvmsg() with 8 bytes of room: whether it tells that the datagram was longer.
fn receive_message(trial: &Trial, server: &Sock) -> Outcome<bool> {
    let receive = || {
        let mut buffer = [MaybeUninit::uninit(); 8];
        let (length, flags, _) =
            server.raw().recv_from_vectored(&mut [MaybeUninitSlice::new(&mut buffer)])?;
        Ok((length, flags.is_truncated()))
    };
    let shown = |(length, is_cut): &(usize, bool)| {
        format!("{}{}", count(*length, "byte"), if *is_cut { ", MSG_TRUNC" } else { "" })
    };
    Ok(trial.call("server", "recvmsg(8)", receive, shown)?.1)
}
