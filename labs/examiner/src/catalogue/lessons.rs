//! The lesson of each exercise: its hints, and what to read after it.

use super::Lesson;

pub const UDP_SERVER: Lesson = Lesson {
    hints: &[
        "A UDP server knows nobody: each datagram that arrives says where it came from. What do you \
         need to keep of it to send an answer?",
        "`socket.recv_from(buffer)` waits for one datagram. It returns how many bytes came, and the \
         address of the sender.",
        "The buffer may still hold the end of an earlier, longer datagram. What came is \
         `&buffer[..length]` and nothing behind it.",
        "Bytes have `to_ascii_uppercase()`, so nothing needs to become text. `socket.send_to(bytes, \
         address)` sends them as one datagram.",
        "Put `.or_cannot(\"receive on\", Udp(bound))?` behind a call that can fail: the error then \
         says what was tried, and `run` reports it and goes on.",
    ],
    afterwards: "In `run`, see which errors end the server and which do not. RFC 768 is the whole of \
                 UDP, on three pages.",
};

pub const UDP_CLIENT: Lesson = Lesson {
    hints: &[
        "One datagram goes there and one comes back, and either may be lost on its way. What does \
         your program do when nothing ever comes?",
        "`socket.send_to(message, server)` sends. There was no bind(): with the first send the \
         system gives the socket an ephemeral port, and the answer comes to it.",
        "`socket.set_read_timeout(Some(wait))` bounds the next `recv_from`. When the time runs out, \
         its error answers `is_timeout()` with true.",
        "`recv_from` tells the sender too. Where that is a stranger, wait again, but only for what \
         is left of the time: `left(deadline)` counts it.",
        "So: a deadline; then a loop of a new timeout, one `recv_from`, and a `match` on what came. \
         `no_answer(server)` is the error for a time that has run out.",
    ],
    afterwards: "See why the timeout is set anew before each wait: strangers could make the program \
                 wait for ever. `man 7 udp` tells what a connected UDP socket would do otherwise.",
};

pub const TCP_SERVER: Lesson = Lesson {
    hints: &[
        "accept() has done its part: `client` is a socket with one client at its other end. Hear \
         what it says, answer, and hang up.",
        "`client.read(&mut buffer)` waits for the first bytes and returns how many came. In this lab \
         they are the sentence: do not wait for a line end.",
        "What came is `&buffer[..length]`, and bytes have `to_ascii_uppercase()`.",
        "One send() may take only a part of a long answer. `send_all(&client, &answer)` goes on \
         until all is sent.",
        "Before you send, `set_write_timeout(Some(WRITE_PATIENCE))`: a client that never reads must \
         not hold the server. The connection closes when `client` goes out of scope.",
    ],
    afterwards: "Connect with netcat and say nothing: everyone else waits. `server_05_threads` of \
                 lab 5 shows the way out. `man 2 accept` lists what accept() can fail with.",
};

pub const TCP_CLIENT: Lesson = Lesson {
    hints: &[
        "TCP is a stream of bytes and knows no messages. How can a client tell that the answer is \
         whole? In this lab: the server closes.",
        "`send_all_before(&socket, message, deadline)` sends all of it, however many send() calls that \
         takes, and gives up at the deadline.",
        "`socket.read(&mut buffer)` brings one byte or many, and 0 means the end of the stream. \
         Collect what comes: `extend_from_slice(&buffer[..length])`.",
        "A silent server must not hold you for ever. Before each read, set the read timeout to what \
         `left(deadline)` still has.",
        "The loop has three ends: `Ok(0)` returns what you have; an error is handed on; more than \
         LONGEST_ANSWER bytes are an error too, made with `too_long()`.",
    ],
    afterwards: "See that no line of it asks how many send() calls the server made: a stream does \
                 not tell. RFC 9293, section 3.8, says when a segment is sent.",
};

pub const NTP_CLIENT_RAW: Lesson = Lesson {
    hints: &[
        "GAP 1: the first byte holds three numbers: the leap indicator in its two highest bits, the \
         version in the next three, the mode in the last three. Shift each to its place and join \
         them with `|`. The byte is 0x23.",
        "GAP 1: `to_be_bytes()` gives the bytes of a number, the most significant first. \
         `copy_from_slice` puts them where they belong: the last eight of 48 start at 40.",
        "GAP 2: T1 is taken right before `send_to`, T4 right after `recv_from`, both with \
         `Timestamp::at(SystemTime::now())`. A stranger's datagram is no answer: `same(sender, \
         server)` tells, and you wait again for what `left(deadline)` has.",
        "GAP 3: look at the length before you look at a byte. The mode is `reply[0] & 0b111`, the \
         version `reply[0] >> 3 & 0b111`, the leap indicator `reply[0] >> 6`, the stratum `reply[1]`; \
         the reference timestamp starts at 16, the origin timestamp at 24, the transmit timestamp at \
         40. `Rejected` has a name for each reason; a kiss of death is \
         told before the leap indicator is.",
        "GAP 4: say the server is 2 s ahead and each way takes 1 s. Then T2 - T1 is 3 and T3 - T4 is \
         1: half of their sum is the offset. From T1 to T4 it took 2 s and more: what the server \
         took for itself, T3 - T2, is not the network's.",
    ],
    afterwards: "See why the transmit timestamp is a random number: who cannot see it cannot forge \
                 an answer. RFC 5905, section 8, has the arithmetic; figure 8 the packet.",
};

pub const HTTP_02_RESOLVE: Lesson = Lesson {
    hints: &[
        "Sockets know addresses and no names. Which function of the system makes one from the \
         other? Lab 1 has it: `cargo run --bin resolve`.",
        "`dns_lookup::getaddrinfo(Some(&name), None, Some(hints))` returns an iterator, because a \
         name can have many addresses. Each item may be an error of its own.",
        "In `dns_lookup::AddrInfoHints`, `address: dns_lookup::AddrFamily::Inet.into()` asks for \
         IPv4 alone, and `..Default::default()` leaves the rest open.",
        "`socket_labs::names::within(timeout, name, lookup)` runs the closure `lookup` in a thread \
         and waits no longer than the timeout. The closure needs a name of its own: copy it with \
         `to_string()` and write `move ||`.",
        "Of each result, `match` the `sockaddr`: `SocketAddr::V4(address)` has `address.ip()`. \
         `find_map` takes the first. Where there is none: `.ok_or_else(|| std::io::Error::other(\"it has \
         no IPv4 address\")).or_cannot(\"resolve\", name)`.",
    ],
    afterwards: "See what stands in `names::within`: a name server that is silent would hold \
                 getaddrinfo() for ten seconds. `man 3 getaddrinfo` has the other hints.",
};

pub const HTTP_03_CONNECT: Lesson = Lesson {
    hints: &[
        "It is one call. connect() returns when the server's SYN-ACK is there, or with an error \
         when an RST has come in its place.",
        "A machine that never answers would hold connect() for two minutes: socket2 has a second \
         form of it that takes a timeout.",
        "The address must be socket2's own kind: `into()` makes it of `server`. Which verb belongs \
         in `.or_cannot(…, Tcp(server))`, so that the error reads as a sentence?",
    ],
    afterwards: "Run it under `strace -e trace=network` and look for EINPROGRESS: a connect() with a \
                 timeout is a connect() that does not wait, and poll(). RFC 9293, section 3.5, draws \
                 the handshake.",
};

pub const HTTP_04_SEND: Lesson = Lesson {
    hints: &[
        "A request is a few lines of text. Say one by hand first: start `cargo run --bin \
         http_server`, and type into `cargo run --bin netcat -- -C localhost 8080`.",
        "GAP 1: the first line is `GET / HTTP/1.1`. Then comes one line for each header: name, colon, \
         value. A blank line ends the request.",
        "GAP 1: every line ends with \\r\\n, the blank one too. So the whole ends with \\r\\n\\r\\n.",
        "GAP 1: `Host:` has the name that was asked for, because one server has many sites; with a \
         port other than 80 it is `name:port`. The other header is `Connection: close`.",
        "GAP 2: `write` makes one send() and returns how much it took; `write_all` goes on until all \
         is sent. Set the write timeout before it.",
    ],
    afterwards: "See what is missing on purpose: no User-Agent, no Accept. RFC 9112, section 3, says \
                 what a request must have. Compare with `curl -v`.",
};

pub const HTTP_05_RECEIVE: Lesson = Lesson {
    hints: &[
        "How long is the response? The request has said `Connection: close`, so the server tells it \
         by closing: the end of the stream is the end of the response.",
        "`socket.read(&mut buffer)` brings a piece, and the network chooses its size. 0 means the \
         end of the stream.",
        "Hand each piece on as it is: `take(&buffer[..length])`. It is bytes and not text: a picture \
         is no UTF-8, and a zero byte is a byte like any other.",
        "The deadline is for the whole response and not for each piece: before every read, set the \
         read timeout to what `left(deadline)` still has. It is an `io::Result`: `or_cannot` makes \
         the error a sentence.",
    ],
    afterwards: "Look at the sizes it prints: they change from run to run. `http_get` shows how a \
                 response ends without a close: Content-Length and chunks (RFC 9112, section 6).",
};

pub const SERVER_05_THREADS: Lesson = Lesson {
    hints: &[
        "Stage 4 serves one client at a time because its loop waits in recv(). Who else could wait \
         there, so that the loop is back at accept() at once?",
        "GAP 1: a thread runs a closure that owns all it uses: `move || …` takes `client`, `peer`, \
         `crowd` and `seat` along.",
        "GAP 1: `thread::spawn` panics where the system has no thread left. \
         `thread::Builder::new().stack_size(STACK)` has a `spawn` that returns the error. STACK is \
         64 KiB: keep your buffer small.",
        "GAP 1: a seat is free again when it is dropped. `let _seat = seat;` in the closure takes it \
         there until the end of the talk; `let _ = seat;` would not.",
        "GAP 2: set both timeouts; send the welcome line; then a loop of one read and one answer, \
         `[b\"OK...\", &buffer[..length]].concat()`. Which read means that the client has closed? \
         `send_all` sends the whole answer.",
    ],
    afterwards: "`diff src/bin/server_04_loop.rs src/bin/server_05_threads.rs` is the lesson of this \
                 lab. See what a full server says, and what happens to a client that never reads.",
};

pub const ECHO_SERVER: Lesson = Lesson {
    hints: &[
        "An echo server understands nothing of what it sends: no lines, no text, no messages. What \
         is the smallest loop that sends back whatever comes?",
        "`client.read(&mut buffer)` returns how many bytes came. 0 means that the client has ended \
         its stream, and nothing else means that.",
        "Send back `&buffer[..length]` and nothing else of the buffer. send() may take only a part \
         of it: `send_all(&client, …)` goes on until all is sent.",
        "Send each piece back as it comes. Who collects everything first lets a client wait for \
         ever that sends its next line when it has the echo of the last one.",
        "Before the loop, set the read timeout to `crowd.idle` and the write timeout to \
         `crowd.stall`. When the function returns, the socket is closed: that is the FIN which the \
         client waits for.",
    ],
    afterwards: "See how its buffer grows: many small clients cost little, and one that sends much \
                 needs few system calls. RFC 862 is the echo service, on one page.",
};

pub const ECHO_CLIENT: Lesson = Lesson {
    hints: &[
        "What was sent at once may come back in pieces, and two pieces as one. What is there to \
         count, if not messages?",
        "A buffer of PIECE bytes is what keeps a read from bringing more than 16.",
        "Keep the number of bytes that have come back, and go on while it is less than \
         `message.len()`.",
        "A read of 0 bytes before that is an error: the server has closed early. `missing(server, \
         …)` makes it, from the number of bytes that did not come.",
        "Print each piece at once: `printable(&piece[..length])` shows what is not text too. Then \
         the last line, when all has come.",
    ],
    afterwards: "Send it more than 16 bytes and run it under `strace -e trace=network`: how many \
                 recv() calls for one send()? `man 2 recv` says what each result means.",
};

pub const UDP_ECHO_SERVER: Lesson = Lesson {
    hints: &[
        "A datagram is a whole: what one recvfrom() brings goes back with one sendto(). There is no \
         connection and nothing to close.",
        "`socket.recv_from(buffer)` returns two things, and `socket.send_to` needs both.",
        "The buffer may still hold the end of a longer datagram. Send `&buffer[..length]`; an empty \
         datagram has the length 0, and it is sent back too.",
    ],
    afterwards: "Compare it with `echo_server`: why is there no thread, no timeout and no loop for \
                 the rest? Why must no two echo servers ever talk to each other?",
};

pub const MANDELA: Lesson = Lesson {
    hints: &[
        "GAP 1: leave four bytes for the checksum, then put one field behind the other with \
         `extend_from_slice`: numbers as `to_be_bytes()`, the address as `octets()`, the quote as \
         `as_bytes()`. Adler-32 is of all that stands behind its own place, so it is computed last.",
        "GAP 2: `split_first_chunk()` takes an array of the right size off the front of a slice, and \
         gives None where it is too short. `from_be_bytes` makes the number.",
        "GAP 2: compare the checksum before you believe a field. `str::from_utf8` checks the quote, \
         and `Fault::in_quote` makes its error one of ours.",
        "GAP 3: keep the time of the next datagram and add the interval to it, then `wait_until` \
         it. To wait for an interval after each send would drift by what sending takes. Was the \
         program stopped for a while? Add until the time is in the future.",
        "GAP 4: one loop with one `recv_from`. What `unpack` takes is counted with \
         `sources.count(from.ip())` and goes to `show`; what it refuses goes to `complaints.add`. \
         With a read timeout of a second there is time to print what `complaints.due(Instant::now)` \
         has, even when nothing comes.",
    ],
    afterwards: "See `address_towards`: a UDP connect() that sends nothing finds the way. Then let two \
                 peers on two machines talk, and compare their clocks.",
};
