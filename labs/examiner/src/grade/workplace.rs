//! The folder that submissions are copied to, built and run in: new for each run, for nobody else to
//! look into, and gone afterwards, also after Ctrl-C. What a killed run left is removed by the next.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What the names of all such folders begin with.
const PREFIX: &str = "socket-labs-grade-";

/// The file that a living run holds locked.
#[cfg(unix)]
const LOCK: &str = "lock";

/// The most files and folders that one student may hand in, and bytes in all of them.
pub const FILES: usize = 2_000;
/// The same in bytes.
pub const BYTES: u64 = 64 << 20;

/// The most folders in folders that one student may hand in.
const DEPTH: usize = 16;

/// A folder that is removed when it is dropped.
pub struct Folder {
    path: PathBuf,
    _lock: system::Lock,
}

impl Folder {
    /// A new folder of the user's alone, on a file system that programs can be run from.
    ///
    /// # Errors
    ///
    /// There is no place for it.
    pub fn new() -> anyhow::Result<Folder> {
        let mut reason = None;
        for place in places() {
            remove_stale(&place);
            match system::new_folder(&place) {
                Ok((path, lock)) => return Ok(Folder { path, _lock: lock }),
                Err(error) => {
                    reason.get_or_insert(format!("{}: {error}", place.display()));
                }
            }
        }
        let reason = reason.unwrap_or_default();
        anyhow::bail!("there is no folder to run programs in, set TMPDIR to one ({reason})")
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove_tree(&self.path);
    }
}

/// Where such a folder may be, the best place first.
fn places() -> Vec<PathBuf> {
    let mut places = vec![env::temp_dir()];
    if cfg!(unix) {
        places.push("/var/tmp".into());
    }
    places.extend(env::var_os("HOME").map(PathBuf::from));
    places.iter().filter_map(|place| fs::canonicalize(place).ok()).collect()
}

/// Removes the folders of runs that were killed: the user's own whose lock nobody holds any more.
fn remove_stale(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_named = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_named && system::is_abandoned(&entry.path()) {
            remove_tree(&entry.path());
        }
    }
}

/// Removes a folder with all that is in it, however deep that is.
pub fn remove_tree(folder: &Path) {
    let _ = system::empty(folder);
    let _ = fs::remove_dir(folder);
}

/// Where something that was handed in lies: a folder, or one file and the name that its student gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The folder or file.
    pub path: PathBuf,
    /// The name of a file; empty for a folder.
    pub name: String,
}

/// What is known of a copy.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// A number that changes with what was copied.
    pub content: u64,
    /// What the grader may not read, and is not in the copy.
    pub unread: Vec<PathBuf>,
    /// One sentence, where it was too much: the copy then has names without content, and not all of them.
    pub too_much: Option<String>,
}

/// Copies what a student handed in to a folder that is made for it: regular files alone, as links may
/// lead anywhere, and nothing that [`is_left_out`].
///
/// # Errors
///
/// Something cannot be read, or the copy cannot be written.
pub fn copy(from: &[Source], to: &Path) -> io::Result<Copied> {
    let mut room = Room { files: FILES, bytes: BYTES, copied: Copied::default() };
    room.copied.content = 0xcbf2_9ce4_8422_2325;
    let copied = from.iter().try_for_each(|source| room.copy_source(source, to));
    match copied {
        Ok(()) => {}
        Err(NotCopied::TooMuch(sentence)) => room.copied.too_much = Some(sentence),
        Err(NotCopied::Trouble(error)) => return Err(error),
    }
    Ok(room.copied)
}

/// What a hand-in may have that nobody handed in on purpose: what tools keep, build and fetch.
pub const LEFT_OUT: &[&str] = &[
    ".DS_Store",
    ".git",
    ".hg",
    ".idea",
    ".svn",
    ".venv",
    ".vscode",
    "Thumbs.db",
    "__MACOSX",
    "__pycache__",
    "desktop.ini",
    "node_modules",
    "target",
    "venv",
];

/// Whether a name is one of [`LEFT_OUT`], or what a Mac keeps beside each file.
pub fn is_left_out(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("._") || LEFT_OUT.iter().any(|left_out| name.eq_ignore_ascii_case(left_out))
}

enum NotCopied {
    TooMuch(String),
    Trouble(io::Error),
}

impl From<io::Error> for NotCopied {
    fn from(error: io::Error) -> NotCopied {
        NotCopied::Trouble(error)
    }
}

struct Room {
    files: usize,
    bytes: u64,
    copied: Copied,
}

/// Makes a folder, and none above it: they are gone where a signal ends all.
fn make_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// A name in UTF-8 for a file or folder, as no program could be named to a worker else. It is its
/// own where that is UTF-8, and else one that nothing beside it has.
fn readable(name: &OsStr, folder: &Path, taken: &mut BTreeSet<OsString>) -> OsString {
    let Err(lossy) = name.to_str().ok_or_else(|| name.to_string_lossy()) else {
        return name.into();
    };
    let names = (1..).map(|number: usize| match number {
        1 => lossy.to_string(),
        number => format!("{number}-{lossy}"), // in front, as behind is what it is written in
    });
    let is_free = |name: &OsString| !taken.contains(name) && !folder.join(name).exists();
    let free = names.map(OsString::from).find(is_free).unwrap_or_default();
    taken.insert(free.clone());
    free
}

impl Room {
    /// Adds to the number of the content (FNV-1a), with the length so that nothing moves over to what
    /// comes behind it.
    fn counts(&mut self, bytes: &[u8]) {
        let content = &mut self.copied.content;
        for byte in bytes.iter().chain(&bytes.len().to_le_bytes()) {
            *content = (*content ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn copy_source(&mut self, source: &Source, to: &Path) -> Result<(), NotCopied> {
        let open = system::open(&source.path)?;
        let kind = open.file.metadata()?;
        if kind.is_dir() {
            return self.copy(&open, to, Path::new(""), 0);
        }
        make_folder(to)?;
        system::set_mode(to, 0o755)?;
        self.counts(source.name.as_bytes());
        self.copy_file(open.file, &to.join(&source.name), false)
    }

    /// Copies what is in an open folder. Each folder and file is opened once, never through a link, and
    /// what was opened is what is copied: nobody can swap it meanwhile. `below` is its path in the hand-in.
    fn copy(
        &mut self,
        from: &system::Open,
        to: &Path,
        below: &Path,
        depth: usize,
    ) -> Result<(), NotCopied> {
        if depth >= DEPTH {
            let sentence = format!("what was handed in has more than {DEPTH} folders in folders");
            return Err(NotCopied::TooMuch(sentence));
        }
        make_folder(to)?;
        system::set_mode(to, 0o755)?;
        let mut names = Vec::new();
        for item in fs::read_dir(from.path())? {
            let name = item?.file_name();
            if is_left_out(&name) {
                continue;
            }
            if self.files == 0 {
                let sentence = format!("what was handed in has more than {FILES} files");
                return Err(NotCopied::TooMuch(sentence));
            }
            self.files -= 1;
            names.push(name);
        }
        names.sort();
        let mut taken: BTreeSet<OsString> = names.iter().cloned().collect();
        for name in names {
            let open = match system::open(&from.path().join(&name)) {
                Ok(open) => open,
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    self.copied.unread.push(below.join(name));
                    continue;
                }
                Err(_) => continue, // a link, or gone meanwhile
            };
            let kind = open.file.metadata()?;
            let (to, below) = (to.join(readable(&name, to, &mut taken)), below.join(&name));
            if kind.is_dir() || kind.is_file() {
                self.counts(name.as_encoded_bytes());
                self.counts(&[kind.is_dir().into(), system::is_executable(&kind).into()]);
            }
            if kind.is_dir() {
                self.copy(&open, &to, &below, depth + 1)?;
                self.counts(b"end");
            } else if kind.is_file() {
                self.copy_file(open.file, &to, system::is_executable(&kind))?;
            }
        }
        Ok(())
    }

    fn copy_file(&mut self, mut from: File, to: &Path, executable: bool) -> Result<(), NotCopied> {
        let mut copy = match File::create_new(to) {
            // Two uploads of one student with the same name: the first is as good as the second.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            copy => copy?,
        };
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = from.read(&mut buffer)?;
            // It may grow while it is read.
            if length as u64 > self.bytes {
                let sentence = format!("what was handed in has more than {} MiB", BYTES >> 20);
                self.copied.too_much = Some(sentence);
                copy.set_len(0)?;
                break;
            }
            self.bytes -= length as u64;
            self.counts(&buffer[..length]);
            if length == 0 {
                break;
            }
            copy.write_all(&buffer[..length])?;
        }
        system::set_mode(to, if executable { 0o755 } else { 0o644 })?;
        Ok(())
    }
}

#[cfg(unix)]
mod system {
    #[cfg(target_os = "linux")]
    use std::ffi::OsString;
    use std::fs::{self, File, Permissions};
    use std::io;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
    use std::path::{Path, PathBuf};

    use nix::fcntl::OFlag;
    use nix::unistd::{geteuid, mkdtemp};

    use super::{LOCK, PREFIX};

    /// What a living run holds.
    pub type Lock = File;

    /// A new folder with a name that nobody can guess, for the user alone, and its lock.
    pub fn new_folder(place: &Path) -> io::Result<(PathBuf, Lock)> {
        if !runs_programs(place) {
            return Err(io::Error::other("no program may be run from there (noexec)"));
        }
        let folder = mkdtemp(&place.join(format!("{PREFIX}XXXXXX")))?;
        set_mode(&folder, 0o700)?;
        // The file has its name only once it is locked: nobody finds it free in between.
        let (new, lock) = (folder.join("lock.new"), folder.join(LOCK));
        let held = File::create_new(&new)?;
        held.lock()?;
        fs::rename(new, lock)?;
        Ok((folder, held))
    }

    #[cfg(target_os = "linux")]
    fn runs_programs(place: &Path) -> bool {
        use nix::sys::statvfs::{FsFlags, statvfs};
        statvfs(place).is_ok_and(|system| !system.flags().contains(FsFlags::ST_NOEXEC))
    }

    #[cfg(not(target_os = "linux"))]
    fn runs_programs(_: &Path) -> bool {
        true
    }

    /// Whether a folder is the user's own, for nobody else, and its run has ended.
    pub fn is_abandoned(folder: &Path) -> bool {
        let user = geteuid().as_raw();
        let is_own = fs::symlink_metadata(folder)
            .is_ok_and(|kind| kind.is_dir() && kind.uid() == user && kind.mode() & 0o077 == 0);
        if !is_own {
            return false;
        }
        let lock = File::options()
            .write(true)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(folder.join(LOCK));
        lock.is_ok_and(|lock| lock.try_lock().is_ok())
    }

    /// Lets the user do with a folder what they want, whatever a program has made of it.
    #[cfg(target_os = "linux")]
    fn open_up(folder: &Path) {
        if fs::symlink_metadata(folder).is_ok_and(|kind| kind.mode() & 0o700 != 0o700) {
            let _ = set_mode(folder, 0o700);
        }
    }

    /// Sets the permissions, whatever the umask is.
    pub fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(mode))
    }

    pub fn is_executable(kind: &fs::Metadata) -> bool {
        kind.mode() & 0o111 != 0
    }

    /// A folder or a file that was opened, and never through a link.
    pub struct Open {
        pub file: File,
        path: PathBuf,
    }

    pub fn open(path: &Path) -> io::Result<Open> {
        // A pipe that nobody writes to would keep us waiting.
        let file = File::options()
            .read(true)
            .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
            .open(path)?;
        Ok(Open { path: path_of(&file, path), file })
    }

    impl Open {
        /// A path that leads to just this folder.
        pub fn path(&self) -> &Path {
            &self.path
        }
    }

    #[cfg(target_os = "linux")]
    fn path_of(file: &File, _: &Path) -> PathBuf {
        use std::os::fd::AsRawFd;
        PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
    }

    /// Removes all that is in a folder. A recursion would run out of stack, and a path out of its 4,096
    /// bytes: so one folder is open at a time, and `..` leads back.
    #[cfg(target_os = "linux")]
    pub fn empty(folder: &Path) -> io::Result<()> {
        open_up(folder);
        let mut here = open(folder)?;
        let (mut names, mut left) = (Vec::new(), vec![clear(&here)]);
        loop {
            if let Some(name) = left.last_mut().and_then(Vec::pop) {
                let inner = here.path().join(&name);
                open_up(&inner);
                if let Ok(inner) = open(&inner) {
                    left.push(clear(&inner));
                    names.push(name);
                    here = inner;
                }
                continue;
            }
            left.pop();
            let Some(name) = names.pop() else { return Ok(()) };
            here = open(&here.path().join(".."))?;
            let _ = fs::remove_dir(here.path().join(name));
        }
    }

    /// Removes what is no folder, and the folders that are empty. Returns the names of the others.
    #[cfg(target_os = "linux")]
    fn clear(folder: &Open) -> Vec<OsString> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let _ = fs::remove_file(entry.path());
            } else if fs::remove_dir(entry.path()).is_err() {
                folders.push(entry.file_name());
            }
        }
        folders
    }

    #[cfg(not(target_os = "linux"))]
    pub fn empty(folder: &Path) -> io::Result<()> {
        fs::remove_dir_all(folder)
    }

    #[cfg(not(target_os = "linux"))]
    fn path_of(_: &File, path: &Path) -> PathBuf {
        path.to_path_buf()
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{self, File};
    use std::hash::{BuildHasher, RandomState};
    use std::io;
    use std::path::{Path, PathBuf};

    use super::PREFIX;

    /// Windows keeps what is open: there is nothing to hold.
    pub struct Lock;

    pub fn new_folder(place: &Path) -> io::Result<(PathBuf, Lock)> {
        let random = RandomState::new().hash_one(std::process::id());
        let folder = place.join(format!("{PREFIX}{random:016x}"));
        fs::create_dir(&folder)?;
        Ok((folder, Lock))
    }

    pub fn is_abandoned(_: &Path) -> bool {
        false
    }

    pub fn empty(folder: &Path) -> io::Result<()> {
        fs::remove_dir_all(folder)
    }

    pub fn set_mode(_: &Path, _: u32) -> io::Result<()> {
        Ok(())
    }

    pub fn is_executable(_: &fs::Metadata) -> bool {
        false
    }

    /// A folder or a file.
    pub struct Open {
        pub file: File,
        path: PathBuf,
    }

    pub fn open(path: &Path) -> io::Result<Open> {
        use std::os::windows::fs::OpenOptionsExt;
        const BACKUP_SEMANTICS: u32 = 0x0200_0000; // so that a folder can be opened
        const OPEN_REPARSE_POINT: u32 = 0x0020_0000; // and a link is not followed
        let flags = BACKUP_SEMANTICS | OPEN_REPARSE_POINT;
        let file = File::options().read(true).custom_flags(flags).open(path)?;
        Ok(Open { file, path: path.to_path_buf() })
    }

    impl Open {
        pub fn path(&self) -> &Path {
            &self.path
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_any_depth_is_removed() {
        let folder = Folder::new().unwrap();
        let deep = folder.path().join("deep");
        // Each round makes a chain and puts what is there already below its end.
        for round in 0..60 {
            let chain = folder.path().join(format!("chain-{round}"));
            let end = chain.join(vec!["d"; 200].join("/"));
            fs::create_dir_all(&end).unwrap();
            fs::write(end.join("file"), "text").unwrap();
            if deep.exists() {
                fs::rename(&deep, end.join("d")).unwrap();
            }
            fs::rename(&chain, &deep).unwrap();
        }
        remove_tree(&deep);
        assert!(!deep.exists());
        let path = folder.path().to_path_buf();
        drop(folder);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_read_and_what_leads_away_is_left_out() {
        let folder = Folder::new().unwrap();
        let from = folder.path().join("from");
        fs::create_dir_all(from.join("inner")).unwrap();
        fs::write(from.join("inner/file"), "text").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", from.join("link")).unwrap();
        std::os::unix::fs::symlink("/etc", from.join("inner/folder")).unwrap();
        fs::write(from.join("secret"), "text").unwrap();
        system::set_mode(&from.join("secret"), 0).unwrap();
        let pipe = from.join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let to = folder.path().join("to");
        let source = [Source { path: from.clone(), name: String::new() }];
        fs::create_dir_all(from.join(".git/objects")).unwrap();
        let copied = copy(&source, &to).unwrap();
        fs::create_dir_all(from.join("__pycache__")).unwrap();
        assert_eq!(copy(&source, &folder.path().join("again")).unwrap(), copied);
        fs::write(from.join("inner/file"), "texT").unwrap();
        let changed = copy(&source, &folder.path().join("changed")).unwrap();
        assert_ne!(changed.content, copied.content, "it has changed");
        let names = |folder: &Path| {
            let mut names: Vec<_> =
                fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        // Root reads what its owner may not.
        let is_root = nix::unistd::geteuid().is_root();
        assert_eq!(copied.unread, if is_root { vec![] } else { vec![PathBuf::from("secret")] });
        assert_eq!(names(&to).len(), if is_root { 2 } else { 1 });
        assert_eq!(names(&to.join("inner")), ["file"]);
    }

    /// Names in an older alphabet become names in UTF-8, and no two of them one.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_copy_has_names_that_can_be_read() {
        use std::os::unix::ffi::OsStrExt;
        let folder = Folder::new().unwrap();
        let from = folder.path().join("from");
        let names: [&[u8]; 4] = [b"L\xf6sung", b"L\xfcsung", "L\u{fffd}sung".as_bytes(), b"plain"];
        for name in names {
            let inner = from.join(OsStr::from_bytes(name));
            fs::create_dir_all(&inner).unwrap();
            fs::write(inner.join("name"), name).unwrap();
        }
        let to = folder.path().join("to");
        copy(&[Source { path: from, name: String::new() }], &to).unwrap();
        let read = |name: &str| fs::read(to.join(name).join("name")).unwrap();
        assert_eq!(read("2-L\u{fffd}sung"), names[0]);
        assert_eq!(read("3-L\u{fffd}sung"), names[1]);
        assert_eq!(read("L\u{fffd}sung"), names[2], "who is named so keeps the name");
        assert_eq!(read("plain"), names[3]);
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_a_living_one_has_is_not() {
        let living = Folder::new().unwrap();
        let place = living.path().parent().unwrap().to_path_buf();
        let other = Folder::new().unwrap();
        if cfg!(unix) {
            // What a kill leaves: the folder, and a lock that nobody holds.
            let left = place.join(format!("{PREFIX}of-a-killed-run"));
            fs::create_dir_all(&left).unwrap();
            system::set_mode(&left, 0o700).unwrap();
            fs::write(left.join(LOCK), "").unwrap();
            // Nobody's that we know: it has no lock, or others may write to it.
            let unknown = place.join(format!("{PREFIX}unknown-{}", std::process::id()));
            fs::create_dir_all(&unknown).unwrap();
            system::set_mode(&unknown, 0o700).unwrap();
            remove_stale(&place);
            assert!(!left.exists());
            assert!(unknown.exists());
            fs::remove_dir(unknown).unwrap();
        }
        assert!(living.path().exists() && other.path().exists());
    }
}
