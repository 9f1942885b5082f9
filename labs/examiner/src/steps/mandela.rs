//! `mandela`: sends a quote to its peers every two seconds, and shows the quotes that arrive.

mod letters;
mod receiving;
mod schedule;
mod sending;

use std::time::Duration;

use socket_labs::socket_table::Protocol::Udp;

use crate::exam::mistakes::STRICT_DECODING;
use crate::exam::program::until;
use crate::exam::{Exam, Outcome, Scene, Way, beyond, must, servers, should};

/// What is examined.
pub const EXAM: Exam = Exam {
    step: "mandela",
    arguments: &[
        "--host",
        "{host}",
        "--port",
        "{port}",
        "--peer",
        "{peer}",
        "--peer",
        "{second_peer}",
        "--interval",
        "{interval}",
        "--quote",
        "{quote}",
    ],
    port: 5005,
    checks: &[
        must("listens", 2, "The program is bound to its UDP port, and goes on.", listens)
            .hints(&[(Way::Ended, "Receive from the socket in a loop without an end.")]),
        // What it sends.
        must("sends", 2, "It sends datagrams to its peer, and waits for nobody with it.", schedule::sends)
            .needs(&["listens"])
            .hints(&[
                (Way::Silent, "Send to the peer with sendto(), whether anything has arrived or not."),
                (Way::Ended, "sendto() wants an address and a number: the peer is HOST:PORT, as text."),
            ]),
        must("two_seconds", 2, "Without being told an interval, it sends every two seconds.", schedule::two_seconds)
            .needs(&["sends"])
            .hints(&[
                (Way::Early, "Wait for two seconds after each datagram, also where nothing arrives."),
                (Way::Waits, "Wait for two seconds between two datagrams, and for nothing else."),
                (Way::Silent, "A recv() without a timeout keeps the program from sending: use a thread for each."),
            ]),
        must("interval", 1, "Told an interval, it keeps it.", schedule::interval)
            .needs(&["sends"])
            .hints(&[
                (Way::Early, "Wait for as many seconds as --interval says."),
                (Way::Waits, "Wait for as many seconds as --interval says."),
            ]),
        beyond("missed_times", "Times that it missed because it was stopped are not made up for.", schedule::missed_times)
            .needs(&["sends"])
            .hints(&[
                (Way::Extra, "Where the next time is over already, count on until it is ahead, and send once."),
                (Way::Ended, "A stop may interrupt a wait (EINTR, \"interrupted system call\"): wait again."),
                (Way::Silent, "A stop may interrupt a wait (EINTR, \"interrupted system call\"): wait again."),
            ]),
        must("default_quote", 2, "From byte 18 to its end the datagram has the quote, in UTF-8.", sending::default_quote)
            .needs(&["sends"])
            .hints(&[
                (Way::WrongField, "18 bytes, then the quote with its double quotes, and nothing behind it."),
            ]),
        must("any_quote", 1, "Another quote is sent as it is, in UTF-8.", sending::any_quote)
            .needs(&["sends"])
            .hints(&[
                (Way::WrongField, "Encode the quote that was given as UTF-8, all of it."),
            ]),
        must("timestamp", 2, "Bytes 4 to 11 are the unix time in whole seconds, big-endian.", sending::timestamp)
            .needs(&["sends"])
            .hints(&[
                (Way::WrongField, "Pack the whole seconds since 1970 into 8 bytes, big-endian (struct '!Q')."),
            ]),
        must("address", 2, "Bytes 12 to 15 are the IPv4 address that the program listens on.", sending::address)
            .needs(&["sends"])
            .hints(&[
                (Way::WrongField, "Take the address that you gave to bind(), and its four bytes in their order."),
            ]),
        should("address_of_every_interface", 1, "Bound to every interface, it names its address on the way to the peer.", sending::address_of_every_interface)
            .needs(&["address"])
            .hints(&[
                (Way::WrongField, "connect() a second UDP socket to the peer, send nothing, and ask getsockname()."),
            ]),
        must("port", 2, "Bytes 16 and 17 are the UDP port that the program listens on, big-endian.", sending::port)
            .needs(&["sends"])
            .hints(&[
                (Way::WrongField, "Pack the port that you gave to bind() into 2 bytes, big-endian (struct '!H')."),
            ]),
        must("checksum", 3, "Bytes 0 to 3 are the Adler-32 of every byte after them, big-endian.", sending::checksum)
            .needs(&["sends"])
            .hints(&[
                (Way::WrongField, "Pack all that comes after the checksum, and compute Adler-32 of just that."),
            ]),
        must("several_peers", 1, "Where it is given two peers, each gets its datagrams.", schedule::several_peers)
            .needs(&["sends"])
            .hints(&[
                (Way::Silent, "Keep every --peer in a list, and send to all of them each time."),
            ]),
        should("the_longest_quote", 1, "A quote of 65,489 bytes is sent whole.", sending::the_longest_quote)
            .needs(&["any_quote"])
            .hints(&[
                (Way::Silent, "A datagram over IPv4 carries 65,507 bytes: 18 and a quote of 65,489."),
                (Way::Missing, "Send the whole quote: a fixed buffer must have room for 65,507 bytes."),
            ]),
        should("too_long_quote", 1, "A quote of more than 65,489 bytes is refused before anything is sent.", sending::too_long_quote)
            .needs(&["any_quote"])
            .hints(&[
                (Way::Accepted, "Refuse a quote that does not fit, in place of sending a part of it."),
                (Way::Traceback, "Look at the size before you send: 18 and the bytes (not letters) of the quote."),
                (Way::StillRuns, "Look at the size before you send, and end with a sentence and exit code 1."),
                (Way::ExitCode, "End with exit code 1 where the quote cannot be sent."),
            ]),
        should("a_peer_that_is_not_there", 1, "A peer that is not there yet does not end it, and gets its datagrams later.", schedule::a_peer_that_is_not_there)
            .needs(&["sends"])
            .hints(&[
                (Way::Ended, "The system may answer ECONNREFUSED for an earlier datagram: report it, and go on."),
                (Way::Silent, "After an error of sendto(), go on with the next datagram."),
            ]),
        // Both at once.
        must("receives_between_two_sends", 3, "What arrives is shown at once, and not when it is time to send.", schedule::receives_between_two_sends)
            .needs(&["prints_the_quote"])
            .hints(&[
                (Way::Waits, "Receive in a thread of its own, so that sleep() keeps only the sender waiting."),
            ]),
        must("sends_while_datagrams_arrive", 2, "Datagrams that arrive change nothing of when it sends.", schedule::sends_while_datagrams_arrive)
            .needs(&["sends", "prints_the_quote"])
            .hints(&[
                (Way::Waits, "Keep the time of the next datagram: do not start the wait anew with each arrival."),
                (Way::Early, "An arrival is no reason to send: wait until it is time."),
            ]),
        must("only_listens", 1, "Without a peer it listens, and sends nothing.", schedule::only_listens)
            .needs(&["prints_the_quote"])
            .hints(&[
                (Way::Ended, "The peer is optional: without one, do everything but send."),
                (Way::Extra, "Without a peer, send nothing, and answer nobody."),
            ]),
        // What it shows.
        must("prints_the_quote", 3, "The quote of a datagram that arrives is printed.", receiving::prints_the_quote)
            .needs(&["listens"])
            .hints(&[
                (Way::NotPrinted, "recvfrom() on the bound socket, and print what is behind byte 18. Is a right checksum refused?"),
                (Way::Ended, "Take the datagram apart at bytes 4, 12, 16 and 18, all numbers big-endian."),
            ]),
        should("prints_any_script", 1, "A quote in any script of the world is printed as text.", receiving::prints_any_script)
            .needs(&["prints_the_quote"])
            .hints(&[(Way::NotPrinted, "Decode the quote as UTF-8 before you print it.")]),
        must("prints_elapsed", 2, "It prints the seconds that have passed since the datagram was sent.", receiving::prints_elapsed)
            .needs(&["prints_the_quote"])
            .hints(&[(Way::NotPrinted, "Print your clock's seconds less the timestamp of the datagram.")]),
        should("a_clock_ahead", 1, "A sender whose clock is ahead gets a negative time, and harms nothing.", receiving::a_clock_ahead)
            .needs(&["prints_elapsed"])
            .hints(&[
                (Way::NotPrinted, "Subtract as signed numbers, and print a time below zero as it is."),
                (Way::Ended, "Subtract as signed numbers: the result may be below zero."),
            ]),
        should("any_timestamp", 1, "A timestamp of any value does not end it.", receiving::any_timestamp)
            .needs(&["prints_the_quote"])
            .hints(&[
                (Way::Ended, "A stranger may send any 8 bytes: no date and no subtraction of them may fail."),
            ]),
        must("prints_the_source", 2, "It prints the IPv4 address that the datagram came from.", receiving::prints_the_source)
            .needs(&["prints_the_quote"])
            .hints(&[
                (Way::NotPrinted, "Print the address of recvfrom(): the one in the payload is only the sender's word."),
            ]),
        should("prints_both_addresses", 1, "Where the payload says another address, both are printed.", receiving::prints_both_addresses)
            .needs(&["prints_the_source"])
            .hints(&[
                (Way::NotPrinted, "Compare bytes 12 to 15 with the source, and print both where they differ."),
            ]),
        must("counts", 2, "It prints how many datagrams the source has sent.", receiving::counts)
            .needs(&["prints_the_quote"])
            .hints(&[(Way::NotPrinted, "Keep a count for each source, and print it with every datagram.")]),
        must("counts_whatever_the_port", 1, "Two ports of one address are one source.", receiving::counts_whatever_the_port)
            .needs(&["counts"])
            .hints(&[(Way::NotPrinted, "Count by the address alone, without the port.")]),
        must("counts_each_source", 1, "Each source has a count of its own.", receiving::counts_each_source)
            .needs(&["counts"])
            .hints(&[(Way::NotPrinted, "Keep a table from address to count, in place of one number.")]),
        should("an_empty_quote", 1, "A datagram of 18 bytes, with a quote of none, is a good one.", receiving::an_empty_quote)
            .needs(&["prints_the_source"])
            .hints(&[(Way::NotPrinted, "18 bytes are enough: only fewer are too short.")]),
        should("a_zero_byte", 1, "A zero byte in the quote is not its end.", receiving::a_zero_byte)
            .needs(&["prints_the_quote"])
            .hints(&[(Way::NotPrinted, "The quote ends with the datagram: use the size that recvfrom() says.")]),
        should("a_short_one_after_a_long_one", 1, "Of a long datagram nothing is left in the next one.", receiving::a_short_one_after_a_long_one)
            .needs(&["prints_the_quote"])
            .hints(&[(Way::Printed, "Print as many bytes as recvfrom() says, and not up to a zero byte.")]),
        should("the_largest_datagram", 1, "A datagram of 65,507 bytes is printed whole.", receiving::the_largest_datagram)
            .needs(&["prints_the_quote"])
            .hints(&[(Way::NotPrinted, "Give recvfrom() room for 65,507 bytes: what does not fit is lost.")]),
        // What it must not show.
        should("too_short", 1, "A datagram of 0 to 17 bytes is neither shown nor fatal.", receiving::too_short)
            .needs(&["prints_the_quote"])
            .hints(&[
                (Way::Ended, "Look at the size first: fewer than 18 bytes are reported and left."),
                (Way::Printed, "Look at the size first: what else is in the buffer is of an older datagram."),
            ]),
        must("corrupt", 3, "A datagram that does not match its checksum is neither shown nor fatal.", receiving::corrupt)
            .needs(&["prints_the_quote"])
            .fragile_if(&[Way::Ended, Way::NotPrinted])
            .hints(&[
                (Way::Printed, "Compute the Adler-32 of bytes 4 to the end, and compare before you print."),
                (Way::Ended, "Report a bad datagram on standard error, and go on."),
            ]),
        should("not_utf8", 1, "A quote that is not UTF-8 is neither shown nor fatal.", receiving::not_utf8)
            .needs(&["prints_the_quote"])
            .finds(&STRICT_DECODING)
            .hints(&[
                (Way::Ended, "Decoding may fail: report it, and go on with the next datagram."),
                (Way::Printed, "Decode strictly, and report what is not UTF-8 in place of showing it."),
            ]),
        // What every server is asked.
        should("port_taken", 1, "Where its port is taken it ends with a sentence and exit code 1.", |scene| {
            let _peer = letters::prepare(scene)?;
            servers::port_taken(scene, Udp)
        })
        .needs(&["listens"]),
        should("leaves_no_open_files", 1, "200 datagrams leave the open files as they were.", receiving::leaves_no_open_files)
            .needs(&["prints_the_quote"])
            .hints(&[(Way::Leaks, "One socket receives from everybody: open none for each datagram.")]),
        should("waits_without_work", 1, "Between two datagrams it uses no CPU.", |scene| {
            let _peer = letters::prepare(scene)?;
            servers::waits_without_work(scene, Udp)
        })
        .needs(&["listens"])
        .hints(&[(Way::Busy, "Let recvfrom() and sleep() wait, in place of asking the clock again and again.")]),
        must("ends_at_sigterm", 1, "SIGTERM ends it, with all its threads.", ends_at_sigterm)
            .needs(&["listens"])
            .hints(&[(Way::StillRuns, "Leave SIGTERM as it is, and let no thread or child stay behind.")]),
    ],
};

fn listens(scene: &mut Scene) -> Outcome {
    let (server, _peer) = letters::begin(scene)?;
    until(Duration::from_millis(200), || server.program.ended());
    server.program.still_runs("at once")
}

fn ends_at_sigterm(scene: &mut Scene) -> Outcome {
    let _peer = letters::prepare(scene)?;
    servers::ends_at_sigterm(scene, Udp)
}
