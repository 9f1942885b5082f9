//! Every row of the table.

use super::Errno;

const fn row(
    name: &'static str,
    [linux, macos]: [i32; 2],
    windows: &'static [i32],
    text: &'static str,
    hint: &'static str,
    means: &'static str,
    questions: &'static [u8],
) -> Errno {
    Errno { name, text, hint, means, questions, linux: Some(linux), macos: Some(macos), windows }
}

/// An error that only Windows has, under its name there.
const fn windows(
    name: &'static str,
    number: &'static [i32; 1],
    text: &'static str,
    hint: &'static str,
    means: &'static str,
) -> Errno {
    Errno { name, text, hint, means, questions: &[], linux: None, macos: None, windows: number }
}

/// Every error that a socket call of this course is known to return.
pub const TABLE: &[Errno] = &[
    row(
        "EACCES",
        [13, 13],
        &[10013, 5],
        "Permission denied",
        "ports below 1024 belong to the administrator: choose a port from 1024 up",
        "The system does not give this program the right to do that. bind() to a port below \
         1024 is the usual case on Linux and macOS. Windows says it of any port that another \
         program holds for itself or that is in an excluded range, and of a file, 5.",
        &[20],
    ),
    row(
        "EPERM",
        [1, 1],
        &[10013],
        "Operation not permitted",
        "a firewall rule on this machine may forbid it",
        "The system forbids it; for send(), the machine's own firewall does. On Windows a \
         firewall says WSAEACCES.",
        &[],
    ),
    row(
        "EADDRINUSE",
        [98, 48],
        &[10048],
        "Address already in use",
        "choose another port, or end the program that has this one",
        "Another socket has this address and port already: a running server, or an old \
         connection in TIME_WAIT.",
        &[6, 7, 19],
    ),
    row(
        "EADDRNOTAVAIL",
        [99, 49],
        &[10049],
        "Cannot assign requested address",
        "no interface of this machine has that address: 127.0.0.1 always works, 0.0.0.0 means \
         all of them",
        "bind() asked for an address that is not this machine's; or connect() found no free \
         ephemeral port. On macOS and Windows, also an address or a port that nobody can have \
         was to be reached: 0.0.0.0, or port 0.",
        &[],
    ),
    row(
        "EAFNOSUPPORT",
        [97, 47],
        &[10047],
        "Address family not supported",
        "this machine has no IPv6, or the socket and the address are of different families",
        "An IPv4 socket got an IPv6 address, or the other way round; or IPv6 is switched off.",
        &[],
    ),
    row(
        "ETIMEDOUT",
        [110, 60],
        &[10060],
        "Timed out",
        "nobody answered: is the address right, is a firewall dropping packets?",
        "No answer came at all. connect() sent its SYN again and again until its time was up, \
         or a connection lost its other side. On Windows, also a receive timeout.",
        &[12, 21],
    ),
    row(
        "EAGAIN",
        [11, 35],
        &[10035, 10060],
        "No data within the timeout",
        "is the other side running, and does it answer? --timeout waits longer, in a server \
         --idle",
        "A receive timeout (SO_RCVTIMEO) ran out before anything came, or a send timeout \
         before anything was taken; Windows says WSAETIMEDOUT of both. For a socket that does \
         not wait: nothing is there yet.",
        &[1, 11, 22, 24],
    ),
    row(
        "EINPROGRESS",
        [115, 36],
        &[10036],
        "Operation now in progress",
        "a connection is still being made: wait until the socket is writable",
        "The socket does not wait, and its connection is still being made. This is no fault: \
         poll() tells when it is there. Windows says WSAEWOULDBLOCK (10035) for it.",
        &[],
    ),
    row(
        "ECONNREFUSED",
        [111, 61],
        &[10061],
        "Connection refused",
        "the machine answered that no program listens on that port: start the server first, \
         or check the port",
        "The machine is there, and no program listens on that port. Over TCP the answer to \
         the SYN was RST; over UDP an ICMP message came back, which only a connected socket \
         is told of.",
        &[1, 3, 4, 5, 9, 10, 23],
    ),
    row(
        "ECONNRESET",
        [104, 54],
        &[10054],
        "Connection reset by peer",
        "the other side ended the connection without the usual good-bye (RST in place of FIN)",
        "The other side ended the connection at once, with RST: it closed with bytes unread, \
         it was killed, or it wanted it so (SO_LINGER 0). What was on its way is lost. On \
         Windows a UDP socket says it where others say ECONNREFUSED.",
        &[16, 18],
    ),
    row(
        "ECONNABORTED",
        [103, 53],
        &[10053],
        "Connection aborted",
        "this machine ended the connection: the other side no longer answers, or has closed",
        "A client gave up between its SYN and the accept(), or this machine itself ended the \
         connection. On Windows, also a send after the other side has closed.",
        &[],
    ),
    row(
        "EPIPE",
        [32, 32],
        &[232, 109, 10053, 10054],
        "Broken pipe",
        "the other side has closed: what is sent now reaches nobody",
        "The connection is closed for sending: this side has shut it down, or the other side \
         has answered an earlier send with RST. Without a handler, a C program is ended by \
         SIGPIPE here; Rust and Python ignore that signal. On Windows a socket that was reset \
         says 10053 or 10054; the numbers below 10,000 are those of a pipe.",
        &[16],
    ),
    row(
        "ESHUTDOWN",
        [108, 58],
        &[10058],
        "Cannot send after shutdown",
        "this side has shut down its sending: send everything before shutdown()",
        "This side itself has ended its sending. Windows says it; Linux and macOS say EPIPE.",
        &[],
    ),
    row(
        "ENOTCONN",
        [107, 57],
        &[10057],
        "Socket is not connected",
        "connect() comes before send() and recv(), or the other side has gone already",
        "No connection was made yet, or the other side had reset it before the call.",
        &[],
    ),
    row(
        "EISCONN",
        [106, 56],
        &[10056],
        "Socket is already connected",
        "a TCP socket connects once: create a new one for the next connection",
        "The socket has a connection already, and is asked to make another one.",
        &[],
    ),
    row(
        "EDESTADDRREQ",
        [89, 39],
        &[10039],
        "Destination address required",
        "an unconnected UDP socket needs an address each time: sendto()",
        "send() on a UDP socket that is not connected: nobody knows where to.",
        &[],
    ),
    row(
        "EMSGSIZE",
        [90, 40],
        &[10040],
        "Message too long",
        "a UDP datagram over IPv4 carries at most 65,507 bytes",
        "The datagram is larger than UDP can carry: 65,507 bytes over IPv4. Nothing of it was \
         sent. On Windows, also a datagram larger than the buffer of the receive.",
        &[15],
    ),
    row(
        "ENETUNREACH",
        [101, 51],
        &[10051],
        "Network is unreachable",
        "this machine knows no way to that network: is it online?",
        "This machine's routing table has no way to that network. Nothing was sent.",
        &[],
    ),
    row(
        "EHOSTUNREACH",
        [113, 65],
        &[10065],
        "No route to host",
        "the network is there, the machine is not: is it switched on, is the address right?",
        "A router, or this machine itself, found nobody at that address. On the local \
         network: nobody answered the question for the hardware address (ARP).",
        &[],
    ),
    row(
        "EHOSTDOWN",
        [112, 64],
        &[10064],
        "Host is down",
        "the network is there, the machine is not: is it switched on, is the address right?",
        "Nobody answered the question for the hardware address (ARP) a moment ago. macOS says \
         it where others say EHOSTUNREACH.",
        &[],
    ),
    row(
        "ENETRESET",
        [102, 52],
        &[10052],
        "Network dropped connection on reset",
        "a datagram got lost on its way: its time to live ran out",
        "A keep-alive found the connection broken; on Windows, a UDP datagram did not arrive.",
        &[],
    ),
    row(
        "ENETDOWN",
        [100, 50],
        &[10050],
        "Network is down",
        "switch the network interface on",
        "The network interface is switched off.",
        &[],
    ),
    row(
        "EMFILE",
        [24, 24],
        &[10024],
        "Too many open files",
        "this program holds as many sockets as it may: `ulimit -n` shows and raises the limit",
        "Each socket is an open file, and this program has as many as it may. A server that \
         forgets to close its clients comes to this.",
        &[],
    ),
    row(
        "ENFILE",
        [23, 23],
        &[4],
        "Too many open files in system",
        "the whole machine holds as many files as it may",
        "The limit of the whole machine is reached, not the one of this program.",
        &[],
    ),
    row(
        "ENOBUFS",
        [105, 55],
        &[10055],
        "No buffer space available",
        "the system is short of memory for packets: try again in a moment",
        "No memory is left for packets, or the interface's queue is full.",
        &[],
    ),
    row(
        "ENOMEM",
        [12, 12],
        &[8, 14],
        "Cannot allocate memory",
        "the system is short of memory: try again in a moment",
        "The system has no memory left.",
        &[],
    ),
    row(
        "EINTR",
        [4, 4],
        &[10004],
        "Interrupted system call",
        "a signal came in between: try again",
        "A signal came in while the call waited: a Ctrl-C with a handler, or Ctrl-Z and then \
         `fg`. Nothing is wrong with the socket.",
        &[],
    ),
    row(
        "EINVAL",
        [22, 22],
        &[10022],
        "Invalid argument",
        "the call does not fit the state of the socket (bound twice, or accept() without \
         listen())",
        "The call makes no sense for a socket in this state, or an argument has a value that \
         does not exist. On Windows, also a receive on a UDP socket that has no port yet.",
        &[],
    ),
    row(
        "EFAULT",
        [14, 14],
        &[10014],
        "Bad address",
        "a pointer or a length is wrong; on Windows, also an IPv4 address for an IPv6 socket",
        "The call was told of memory that is not this program's: in C, a wrong pointer. Windows \
         says it too of an address that is shorter than those of the socket's family.",
        &[],
    ),
    row(
        "EOPNOTSUPP",
        [95, 102],
        &[10045],
        "Operation not supported",
        "this kind of socket cannot do that: a UDP socket does not listen()",
        "This kind of socket has no such operation.",
        &[],
    ),
    row(
        "EBADF",
        [9, 9],
        &[6],
        "Bad file descriptor",
        "the socket was closed already",
        "The number is no open descriptor: the socket was closed, often by another part of \
         the same program.",
        &[],
    ),
    row(
        "ENOTSOCK",
        [88, 38],
        &[10038],
        "Not a socket",
        "the descriptor belongs to a file or a pipe",
        "The descriptor is open, but it is a file, a pipe or a terminal.",
        &[],
    ),
    row(
        "EPROTONOSUPPORT",
        [93, 43],
        &[10043],
        "Protocol not supported",
        "this system was built without that protocol",
        "The system knows no such protocol for this family of sockets.",
        &[],
    ),
    row(
        "ENOENT",
        [2, 2],
        &[2, 3],
        "No such file or directory",
        "",
        "There is no file or folder of that name: check the spelling, and where you are (`pwd`).",
        &[],
    ),
    row(
        "ENOTDIR",
        [20, 20],
        &[267],
        "Not a directory",
        "",
        "A folder was expected, at the end of the path or in its middle, and the name is that of \
         a file.",
        &[],
    ),
    row(
        "EISDIR",
        [21, 21],
        &[5, 336],
        "Is a directory",
        "",
        "A file was expected, and the name is that of a folder. Windows does not let a folder be \
         opened as a file at all, and says that access is denied.",
        &[],
    ),
    row(
        "ENOSPC",
        [28, 28],
        &[112, 39],
        "No space left on device",
        "",
        "The disk is full: `df -h` shows which one.",
        &[],
    ),
    windows(
        "ERROR_INVALID_NAME",
        &[123],
        "Not a name that a file can have here",
        "Windows has no files with < > : \" | ? * in their names",
        "The name of a file has a character that Windows does not allow.",
    ),
    windows(
        "ERROR_SHARING_VIOLATION",
        &[32],
        "The file is in use",
        "another program has the file open: close it there first",
        "Another program has opened the file, and does not share it.",
    ),
];
