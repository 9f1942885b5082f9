//! A private machine from namespaces: user, network, mount, process numbers and host name.

use std::cell::Cell;
use std::collections::HashMap;
use std::env;
use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{getgid, getuid, setgroups, sethostname};

use super::super::worker::PART;
use super::OWN_IP;
use super::below::Launch;
use super::closed::{self, Closed};
use super::room::Room;

/// The user that nobody is, outside; it owns nothing.
pub const NOBODY: u32 = 65_534;

/// The same user's number on the private machine, where root lent it.
pub const STRANGER: u32 = 1000;

/// Where the private files lie: a file system in memory that only this check sees.
pub const FILES: &str = "/srv";

/// The same on a closed machine, which has no other place for them.
const CLOSED_FILES: &str = "/run";

/// Addresses of the loopback interface that are not of loopback, from the ranges for examples
/// (RFC 5737, RFC 3849). A machine without any has no network in the eyes of getaddrinfo(), which
/// then answers with no address to a program that asks with AI_ADDRCONFIG.
const ADDRESSES: (Ipv4Addr, Ipv6Addr) =
    (Ipv4Addr::new(198, 51, 100, 1), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));

/// The machine that a check runs on.
pub struct Machine {
    private: bool,
    is_closed: bool,
    builds: bool,
    /// On a closed machine, the files that are written anew.
    files: HashMap<String, File>,
    /// That of a build.
    room: Option<Room>,
    /// Whether a check has given the machine a name: then it says which address that has.
    is_renamed: Cell<bool>,
}

/// Starts the inner worker on a machine of its own. Only a process with a single thread can do it:
/// the outer worker. `closed` tells that programs of strangers are to run there.
///
/// # Errors
///
/// The system does not allow it.
pub fn enter(mut inner: Command, closed: bool) -> io::Result<Child> {
    let _ = prctl::set_pdeathsig(Signal::SIGKILL);
    isolate(closed && lends())?;
    small_tables()?;
    inner.spawn()
}

/// Whether the examiner can let programs be another user than itself: it is root, and the user that
/// nobody is has a number here, which a container may not have given it.
pub fn lends() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let has_nobody = |line: &str| {
        let mut numbers = line.split_whitespace().filter_map(|word| word.parse::<u64>().ok());
        let (first, _, count) = (numbers.next()?, numbers.next()?, numbers.next()?);
        Some((first..first + count).contains(&u64::from(NOBODY)))
    };
    getuid().is_root() && map.lines().any(|line| has_nobody(line) == Some(true))
}

fn isolate(lend: bool) -> io::Result<()> {
    let (user, group) = (getuid(), getgid());
    let mapper = if lend { Some(Mapper::start()?) } else { None };
    unshare(
        CloneFlags::CLONE_NEWUSER
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWPID
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWUTS,
    )?;
    if let Some(mapper) = mapper {
        return mapper.map();
    }
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))
}

/// Takes a network whose tables of sockets are small. A new one shares the hash table of its parent, and
/// whoever reads `/proc/net/tcp` walks through all of it: 262,144 places on a machine with some memory,
/// which takes milliseconds. So the network that was just made is told to give its children one of
/// their own, and the second is taken in its place. A system that is older than Linux 6.1 cannot do it, and is slower.
fn small_tables() -> io::Result<()> {
    let told = ["tcp_child_ehash_entries", "udp_child_hash_entries"]
        .map(|name| fs::write(format!("/proc/sys/net/ipv4/{name}"), "256"));
    if told[0].is_ok() { Ok(unshare(CloneFlags::CLONE_NEWNET)?) } else { Ok(()) }
}

/// Where root grades, programs are to run as somebody else. A second user of a namespace can be
/// named from outside alone (user_namespaces(7)): this process stays there and does it.
struct Mapper(Child);

impl Mapper {
    fn start() -> io::Result<Mapper> {
        setgroups(&[])?;
        let mut mapper = Command::new("/proc/self/exe");
        mapper.env(PART, "mapper").arg(std::process::id().to_string());
        Ok(Mapper(mapper.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?))
    }

    /// Lets it name the users, now that the namespace is there.
    fn map(mut self) -> io::Result<()> {
        drop(self.0.stdin.take());
        if self.0.wait()?.success() { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

/// The part of the mapper: waits for the end of its input, then names the users of the process that
/// its argument tells. Root stays root there, in name, and lends the number of nobody.
///
/// # Errors
///
/// The system does not allow it.
pub fn map_users() -> io::Result<()> {
    io::copy(&mut io::stdin(), &mut io::sink())?;
    let process: u32 = env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or_default();
    let users = format!("0 0 1\n{STRANGER} {NOBODY} 1\n");
    fs::write(format!("/proc/{process}/uid_map"), &users)?;
    fs::write(format!("/proc/{process}/gid_map"), &users)
}

/// Closes what a process has open beside the standard streams and one more descriptor: whoever started
/// it may have left open what leads out of a closed machine.
///
/// # Errors
///
/// The system does not know close_range(2), as before Linux 5.9.
#[allow(unsafe_code)] // close_range(2) has no safe wrapper
pub fn close_inherited(keep: Option<i32>) -> io::Result<()> {
    let keep = keep.map_or(2, |number| number.max(2)) as libc::c_uint;
    for (first, last) in [(3, keep.saturating_sub(1)), (keep + 1, libc::c_uint::MAX)] {
        // SAFETY: called before anything here is opened, so that nobody loses what it holds.
        let done = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
        if first <= last && done != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

impl Machine {
    /// Makes the machine ready: the inner worker calls it first.
    ///
    /// # Errors
    ///
    /// The system refuses a part of it.
    pub fn prepare(private: bool, closed: Option<&Closed>) -> io::Result<Machine> {
        let _ = prctl::set_pdeathsig(Signal::SIGKILL);
        // Nobody looks into this process or takes it over, whatever number its user has (ptrace(2)).
        let _ = prctl::set_dumpable(false);
        let mut machine = Machine {
            private,
            is_closed: private && closed.is_some(),
            builds: false,
            files: HashMap::new(),
            room: None,
            is_renamed: Cell::new(false),
        };
        if private {
            let none: Option<&str> = None;
            mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
            mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), none)?;
            loopback_up()?;
            mount(Some("tmpfs"), FILES, Some("tmpfs"), MsFlags::empty(), none)?;
            if let Some(closed) = closed {
                (machine.files, machine.room) = closed::enter(closed)?;
            }
            machine
                .file("nsswitch.conf", "hosts: files dns\nservices: files\nprotocols: files\n")?;
            machine.file("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")?;
            machine.names(&[])?;
        }
        Ok(machine)
    }

    /// A command that starts this program with what it may use limited, and without the rights of
    /// the examiner; and what tells whether it could be started so.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub fn command(&self, program: &str) -> io::Result<(Command, Launch)> {
        let mut command = Command::new("/proc/self/exe");
        let mut launch = Launch::default();
        if self.is_closed {
            command.env_clear().envs(kept_environment());
            command.env("HOME", "/tmp").env("TMPDIR", "/tmp");
            launch = Launch::of(&mut command)?;
        }
        let part = match (self.private, self.is_closed) {
            (false, _) => "launch",
            (true, false) => "launch-private",
            (true, true) if self.builds => "launch-build",
            (true, true) => "launch-closed",
        };
        command.env(PART, part).arg(program);
        Ok((command, launch))
    }

    /// Makes it a machine for a build: what a command leaves running is ended with the command.
    pub fn for_builds(self) -> Machine {
        Machine { builds: true, ..self }
    }

    /// The folders of it that lie in memory, where it is closed.
    pub fn in_memory(&self) -> Vec<PathBuf> {
        let folders = ["/tmp", "/dev/shm"].into_iter().map(PathBuf::from);
        let folders = folders.filter(|_| self.is_closed);
        folders.chain(self.room.iter().map(|room| room.folder().to_path_buf())).collect()
    }

    /// Whether a build has no room left.
    pub fn is_full(&self) -> bool {
        self.room.as_ref().is_some_and(Room::is_full)
    }

    /// Keeps what was built. Tells whether that is no more than a build may have.
    ///
    /// # Errors
    ///
    /// The folder that it is kept in cannot be written.
    pub fn keeps_build(&self) -> io::Result<bool> {
        self.room.as_ref().map_or(Ok(true), Room::keep)
    }

    /// What is said of a build that takes more.
    pub fn no_room() -> String {
        Room::words()
    }

    /// Whether the network is the check's own.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// Gives these names to these addresses. Tells whether it could.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn names(&self, names: &[(IpAddr, &str)]) -> io::Result<bool> {
        if !self.private {
            return Ok(false);
        }
        let lines = names.iter().map(|(address, name)| format!("{address} {name}\n"));
        let mut hosts = "127.0.0.1 localhost\n::1 localhost\n".to_string();
        if !self.is_renamed.get() {
            let own = fs::read_to_string("/proc/sys/kernel/hostname")?;
            hosts += &format!("{OWN_IP} {}\n", own.trim());
        }
        self.file("hosts", &(hosts + &lines.collect::<String>()))?;
        Ok(true)
    }

    /// Gives the loopback interface one more address. Tells whether it could.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn lives_at(&self, address: Ipv4Addr) -> io::Result<bool> {
        if self.private {
            one_more_address("lo:2", address)?;
        }
        Ok(self.private)
    }

    /// Puts a file of this check's own in the place of `/etc/NAME`, or writes it anew.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn file(&self, name: &str, text: &str) -> io::Result<()> {
        if self.is_closed {
            let file = self.files.get(name).ok_or(io::ErrorKind::NotFound)?;
            file.set_len(0)?;
            return file.write_all_at(text.as_bytes(), 0);
        }
        let (own, place) = (Path::new(FILES).join(name), Path::new("/etc").join(name));
        let is_new = !own.exists();
        fs::write(&own, text)?;
        let none: Option<&str> = None;
        if is_new && place.exists() {
            mount(Some(&own), &place, none, MsFlags::MS_BIND, none)?;
        } else if is_new {
            own_etc(Path::new(FILES))?;
            symlink(&own, &place)?;
        }
        Ok(())
    }

    /// Takes `/etc/NAME` away, for the rest of the check. Tells whether it could.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn no_file(&self, name: &str) -> io::Result<bool> {
        if !self.private {
            return Ok(false);
        }
        let mut files = Path::new(FILES);
        if self.is_closed {
            let none: Option<&str> = None;
            files = Path::new(CLOSED_FILES);
            if !files.join("etc").exists() {
                mount(Some("tmpfs"), files, Some("tmpfs"), MsFlags::empty(), none)?;
            }
        }
        own_etc(files)?;
        match fs::remove_file(Path::new("/etc").join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(true),
        }
    }

    /// Gives the machine another name, of at most 64 bytes. Tells whether it could.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn host_name(&self, name: &str) -> io::Result<bool> {
        if !self.private {
            return Ok(false);
        }
        sethostname(name)?;
        self.is_renamed.set(true);
        self.file("hostname", &format!("{name}\n"))?;
        Ok(true)
    }
}

/// What a program on a closed machine is told of the user's environment: where programs are, and the
/// language.
fn kept_environment() -> impl Iterator<Item = (String, String)> {
    let names = ["LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYENV_ROOT"].into_iter();
    let kept = names.filter_map(|name| Some((name.to_string(), env::var(name).ok()?)));
    let home = env::var("HOME").unwrap_or_default();
    // Not what is relative: there, a program would find its own tools in place of the system's.
    let path = env::var("PATH").unwrap_or_default();
    let path: Vec<&str> = path.split(':').filter(|folder| folder.starts_with('/')).collect();
    kept.chain([
        ("PATH".to_string(), path.join(":")),
        ("RUSTUP_HOME".to_string(), format!("{home}/.rustup")),
    ])
}

/// Makes `/etc` a folder of links to what was in it, so that files can be put in and taken away.
/// `files` is a file system of this check's own.
fn own_etc(files: &Path) -> io::Result<()> {
    let (old, new, etc) = (files.join("etc.old"), files.join("etc"), Path::new("/etc"));
    if new.exists() {
        return Ok(());
    }
    fs::create_dir(&old)?;
    fs::create_dir(&new)?;
    let none: Option<&str> = None;
    mount(Some(etc), &old, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?;
    for entry in fs::read_dir(etc)? {
        let entry = entry?;
        let target = fs::read_link(entry.path()).unwrap_or_else(|_| old.join(entry.file_name()));
        symlink(target, new.join(entry.file_name()))?;
    }
    mount(Some(&new), etc, none, MsFlags::MS_BIND, none)?;
    Ok(())
}

/// A new network has its loopback interface down: no address, not even 127.0.0.1. It is brought up
/// with [`ADDRESSES`] as well.
#[allow(unsafe_code)] // netdevice(7): ioctl() is the one way without a program such as `ip`
fn loopback_up() -> io::Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    // SAFETY: `ifreq` is plain numbers, for which all zero is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    named(&mut request, "lo");
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the socket is open, and the kernel reads one `ifreq` at this address.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &request) };
    if done != 0 {
        return Err(io::Error::last_os_error());
    }
    one_more_address("lo:1", ADDRESSES.0)?;
    let Ok(socket) = socket2::Socket::new(socket2::Domain::IPV6, socket2::Type::DGRAM, None) else {
        return Ok(()); // a machine without IPv6
    };
    let address = libc::in6_addr { s6_addr: ADDRESSES.1.octets() };
    // Loopback is the first interface of every network.
    let six = libc::in6_ifreq { ifr6_addr: address, ifr6_prefixlen: 128, ifr6_ifindex: 1 };
    // SAFETY: the socket is open, and the kernel reads one `in6_ifreq` at this address. Where the
    // system has IPv6 switched off for it, there is no address of IPv6 to have.
    let _ = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFADDR as _, &six) };
    Ok(())
}

fn named(request: &mut libc::ifreq, name: &str) {
    for (place, byte) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *place = byte as libc::c_char;
    }
}

/// An address of an alias of loopback, beside those that it has.
#[allow(unsafe_code)] // as above
fn one_more_address(alias: &str, address: Ipv4Addr) -> io::Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    let address = socket2::SockAddr::from(SocketAddr::new(address.into(), 0));
    // SAFETY: `ifreq` is plain numbers, for which all zero is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    named(&mut request, alias);
    // SAFETY: an IPv4 address is a `sockaddr_in`, as large as the `sockaddr` of the request.
    request.ifr_ifru.ifru_addr = unsafe { address.as_ptr().cast::<libc::sockaddr>().read() };
    // SAFETY: the socket is open, and the kernel reads one `ifreq` at this address.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFADDR as _, &request) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
