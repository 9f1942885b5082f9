//! The closed file system of a check that grades a stranger's program: what programs need to run,
//! the program's own folder, and one private folder to write to. All else of the computer is not
//! there, so that nothing of the examiner, of other submissions or of the user's home can be read.

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root};
use serde::{Deserialize, Serialize};

use super::room::Room;

/// Where the new root is made.
const ROOT: &str = "/srv/root";

/// The most that each private folder holds, in bytes and in files: it lies in memory.
const SCRATCH: &str = "size=67108864,nr_inodes=16384,mode=1777";

/// The most terminals of a check. The computer has 4,096 for everybody.
const TERMINALS: usize = 64;

/// What every program may read, where this system has it.
const SYSTEM: &[&str] = &["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"];

/// What programs look up in /etc. Passwords and keys are not among it.
const SETTINGS: &[&str] = &[
    "alternatives",
    "gai.conf",
    "group",
    "host.conf",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "locale.alias",
    "mime.types",
    "os-release",
    "passwd",
    "protocols",
    "ssl/certs",
    "timezone",
];

/// Where the Java of a system lies, each version and vendor in a folder of its own.
const JAVA: &str = "/usr/lib/jvm";

/// The most files of Java that are looked at for links, and how deep.
const JAVA_FILES: (usize, usize) = (20_000, 6);

/// The files of /etc that a check may write anew while programs run.
const OWN: &[&str] = &["hosts", "resolv.conf", "nsswitch.conf", "services", "hostname"];

/// Tool chains that people keep in their home: programs could not run without them.
const AT_HOME: &[&str] =
    &[".pyenv", ".rustup", ".cargo/bin", ".nvm/versions", ".sdkman/candidates"];

/// What programs are built and run with. Where the search path finds one of these outside of the
/// system, its tool chain is shown, wherever that is.
const TOOLS: &[&str] = &[
    "bun", "c++", "cargo", "cc", "clang", "clang++", "cmake", "deno", "dotnet", "g++", "gcc", "go",
    "java", "javac", "kotlinc", "lua", "make", "node", "perl", "php", "python", "python3", "ruby",
    "rustc", "scala", "zig",
];

/// Folders that hold more than a tool chain.
const TOO_MUCH: &[&str] =
    &["/", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var"];

/// What of the computer a program sees beside the system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Folders and files that it may read.
    pub visible: Vec<PathBuf>,
    /// A folder that it may write to, beside the private one in `/tmp`: what it builds is kept.
    pub writable: Option<PathBuf>,
}

/// Leaves the file system of the computer for a closed one. The files of [`OWN`] stay writable for
/// the caller alone, through the handles returned. The room is that of a build.
pub fn enter(closed: &Closed) -> io::Result<(HashMap<String, File>, Option<Room>)> {
    let root = Path::new(ROOT);
    fs::create_dir_all(root)?;
    tmpfs(root, "mode=755")?;
    for folder in SYSTEM {
        let folder = Path::new(folder);
        match fs::symlink_metadata(folder) {
            Ok(kind) if kind.is_symlink() => symlink(fs::read_link(folder)?, inside(folder))?,
            Ok(_) => bind(folder)?,
            Err(_) => {}
        }
    }
    settings()?;
    for folder in ["/tmp", "/dev/shm"] {
        tmpfs(&inside(folder), SCRATCH)?;
    }
    for path in closed.visible.iter().cloned().chain(tool_chains()) {
        // What is a part of the system is there already.
        if path.exists() && !inside(&path).exists() {
            bind(&path)?;
        }
    }
    let handles = own_files()?;
    devices()?;
    fs::create_dir_all(inside("/proc"))?;
    mount(Some("proc"), &inside("/proc"), Some("proc"), MsFlags::MS_NOSUID, NOTHING)?;
    for folder in ["/var/tmp", "/run", "/home", "/root"] {
        fs::create_dir_all(inside(folder))?;
    }
    let room = closed.writable.as_deref();
    let room = room.map(|folder| Room::new(folder, &inside(folder))).transpose()?;
    let writable = closed.writable.iter().map(PathBuf::as_path);
    set_attributes(root, libc::AT_RECURSIVE, libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID, 0)?;
    // The worker itself needs /proc, to name users; a program has another one (`below`).
    for folder in writable.chain(["/tmp", "/dev/shm", "/proc"].map(Path::new)) {
        set_attributes(&inside(folder), 0, 0, libc::MOUNT_ATTR_RDONLY)?;
    }
    pivot_root(root, root)?;
    umount2("/", MntFlags::MNT_DETACH)?; // the old root, which lies above the new one
    chdir("/")?;
    Ok((handles, room))
}

const NOTHING: Option<&str> = None;

/// The place of a path within the new root.
fn inside(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    Path::new(ROOT).join(path.strip_prefix("/").unwrap_or(path))
}

pub fn tmpfs(place: &Path, options: &str) -> io::Result<()> {
    fs::create_dir_all(place)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    Ok(mount(Some("tmpfs"), place, Some("tmpfs"), flags, Some(options))?)
}

/// Shows a file or folder of the computer at the same path.
fn bind(path: &Path) -> io::Result<()> {
    let place = inside(path);
    if path.is_dir() {
        fs::create_dir_all(&place)?;
    } else {
        fs::create_dir_all(place.parent().unwrap_or(Path::new(ROOT)))?;
        File::create(&place)?;
    }
    Ok(mount(Some(path), &place, NOTHING, MsFlags::MS_BIND | MsFlags::MS_REC, NOTHING)?)
}

fn settings() -> io::Result<()> {
    fs::create_dir_all(inside("/etc"))?;
    let named = SETTINGS.iter().map(|name| Path::new("/etc").join(name));
    for path in named.chain(settings_of_java()) {
        if path.exists() && !inside(&path).exists() {
            bind(&path)?;
        }
    }
    Ok(())
}

/// The folders of /etc that a Java cannot start without, whatever its version and vendor: those that
/// links within it lead to (`conf`, `lib/jvm.cfg`, `lib/security`).
fn settings_of_java() -> BTreeSet<PathBuf> {
    let (most, depth) = JAVA_FILES;
    let (mut found, mut left) = (BTreeSet::new(), most);
    let mut folders = vec![(PathBuf::from(JAVA), depth)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            left = left.saturating_sub(1);
            if left == 0 {
                return found;
            }
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && depth > 0 {
                folders.push((entry.path(), depth - 1));
            } else if kind.is_symlink() {
                found.extend(fs::read_link(entry.path()).ok().and_then(|link| in_etc(&link)));
            }
        }
    }
    found
}

/// The folder right under /etc that a link leads into.
fn in_etc(link: &Path) -> Option<PathBuf> {
    let mut names = link.strip_prefix("/etc").ok()?.components();
    let (Component::Normal(first), _within) = (names.next()?, names.next()?) else { return None };
    (first != "ssl").then(|| Path::new("/etc").join(first)) // of that, the certificates alone
}

/// The files that a check writes anew: they lie outside the new root, and are shown in it.
fn own_files() -> io::Result<HashMap<String, File>> {
    let folder = Path::new("/srv/own");
    fs::create_dir_all(folder)?;
    let mut handles = HashMap::new();
    for name in OWN {
        let (own, etc) = (folder.join(name), Path::new("/etc").join(name));
        fs::write(&own, fs::read(&etc).unwrap_or_default())?;
        let handle = File::options().write(true).open(&own)?;
        let place = inside(&etc);
        File::create(&place)?;
        mount(Some(&own), &place, NOTHING, MsFlags::MS_BIND, NOTHING)?;
        handles.insert(name.to_string(), handle);
    }
    Ok(handles)
}

/// The harmless devices, and terminals that are seen here alone.
fn devices() -> io::Result<()> {
    fs::create_dir_all(inside("/dev/pts"))?;
    for device in ["null", "zero", "full", "random", "urandom"] {
        bind(&Path::new("/dev").join(device))?;
    }
    // A program is to be able to open its own terminal again, as /dev/stdin.
    let user = super::below::user();
    let options = format!("newinstance,ptmxmode=0666,mode=620,uid={user},max={TERMINALS}");
    let options = Some(options.as_str());
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    mount(Some("devpts"), &inside("/dev/pts"), Some("devpts"), flags, options)?;
    symlink("pts/ptmx", inside("/dev/ptmx"))?;
    symlink("/proc/self/fd", inside("/dev/fd"))?;
    symlink("/proc/self/fd/0", inside("/dev/stdin"))?;
    symlink("/proc/self/fd/1", inside("/dev/stdout"))?;
    symlink("/proc/self/fd/2", inside("/dev/stderr"))
}

/// The tool chains outside of the system: those of [`AT_HOME`], and where the search path and the links
/// in it lead to.
fn tool_chains() -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let mut chains: Vec<PathBuf> = AT_HOME.iter().map(|name| home.join(name)).collect();
    let path = env::var_os("PATH").unwrap_or_default();
    for folder in env::split_paths(&path).filter(|folder| folder.is_absolute()) {
        for tool in TOOLS.iter().map(|tool| folder.join(tool)).filter(|tool| tool.is_file()) {
            chains.extend(tool_chains_of(&tool));
        }
    }
    chains.retain(|chain| chain.is_dir());
    chains.sort(); // a folder before what lies in it
    chains.dedup();
    chains
}

/// The folders of the tool chains of this tool, and of what it is a link to.
pub fn tool_chains_of(tool: &Path) -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let real = fs::canonicalize(tool).unwrap_or_else(|_| tool.to_path_buf());
    [tool, &real].iter().filter_map(|tool| chain_of(tool, &home)).collect()
}

/// The folder of the tool chain of a tool: that above its `bin`, unless it holds more than the chain.
/// `None` where the tool is a part of the system.
fn chain_of(tool: &Path, home: &Path) -> Option<PathBuf> {
    if SYSTEM.iter().any(|system| tool.starts_with(system)) {
        return None;
    }
    let bin = tool.parent()?;
    let above = bin.parent()?;
    let holds_more = |folder: &Path| {
        // In such a folder of a home a tool keeps what it knows of its user: `.cargo`, `.local`.
        let is_hidden = folder.file_name().is_some_and(|name| name.as_bytes().starts_with(b"."));
        home.starts_with(folder)
            || (is_hidden && folder.parent() == Some(home))
            || TOO_MUCH.iter().any(|much| folder == Path::new(much))
    };
    match bin.file_name()? == "bin" && !holds_more(above) {
        true => Some(above.to_path_buf()),
        false => (!holds_more(bin)).then(|| bin.to_path_buf()),
    }
}

/// Sets and clears attributes of what is mounted at a place (mount_setattr(2)).
#[allow(unsafe_code)] // nix has no function for it
fn set_attributes(place: &Path, flags: libc::c_int, set: u64, clear: u64) -> io::Result<()> {
    let place = CString::new(place.as_os_str().as_bytes())?;
    let attributes =
        libc::mount_attr { attr_set: set, attr_clr: clear, propagation: 0, userns_fd: 0 };
    // SAFETY: the path ends with a zero byte, and the kernel reads one `mount_attr` of this size.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            place.as_ptr(),
            flags,
            &attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_of_java_leads_to_a_folder_of_etc_and_to_no_secret() {
        let folder = |link: &str| in_etc(Path::new(link));
        assert_eq!(folder("/etc/java-99-vendor/a/b"), Some("/etc/java-99-vendor".into()));
        let others = [
            "/etc/shadow",
            "/etc/ssl/private/key",
            "/usr/share/x",
            "../conf",
            "/etc",
            "/etc/../root/x",
        ];
        for link in others {
            assert_eq!(folder(link), None, "{link}");
        }
    }

    #[test]
    fn a_tool_chain_is_shown_and_not_what_lies_beside_it() {
        let home = Path::new("/home/anna");
        for (tool, chain) in [
            ("/usr/bin/java", None),
            ("/opt/jdk-25/bin/java", Some("/opt/jdk-25")),
            ("/opt/bin/java", Some("/opt/bin")),
            ("/opt/java", None),
            ("/home/anna/bin/node", Some("/home/anna/bin")),
            ("/home/anna/node/bin/node", Some("/home/anna/node")),
            ("/home/anna/node", None),
            ("/home/anna/.cargo/bin/cargo", Some("/home/anna/.cargo/bin")),
            ("/home/anna/.local/bin/python3", Some("/home/anna/.local/bin")),
            ("/home/anna/.local/node", None),
            (
                "/home/anna/.local/share/uv/python/3.13/bin/python3",
                Some("/home/anna/.local/share/uv/python/3.13"),
            ),
            ("/bin/sh", None),
        ] {
            assert_eq!(chain_of(Path::new(tool), home), chain.map(PathBuf::from), "{tool}");
        }
    }
}
