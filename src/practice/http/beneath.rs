//! Opens what is under a folder, and nothing else, whatever somebody changes there meanwhile.
//!
//! Between a look at a path and its opening, a link may have taken the place of a file or of a
//! folder on the way, or a pipe that blocks whoever opens it. So [`locate`] only says where a path
//! leads. The way there is then walked again, from the root's handle, one name at a time, and no
//! link is followed. What counts is what the handle that is got in the end says of itself.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// Where a path leads now, all links followed, and what is there; `NotFound` where that is outside
/// the root. Nothing is opened.
pub(super) fn locate(root: &Path, path: &Path) -> io::Result<(PathBuf, Metadata)> {
    let real = path.canonicalize()?;
    if !real.starts_with(root) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let about = real.metadata()?;
    Ok((real, about))
}

/// Opens the file at a path that [`locate`] has given.
///
/// # Errors
///
/// `NotFound` where it is no regular file any more.
pub(super) fn open_file(root: &Path, real: &Path) -> io::Result<(File, Metadata)> {
    let file = system::open(root, real)?.file;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::ErrorKind::NotFound.into()); // a pipe could keep its reader waiting forever
    }
    Ok((file, about))
}

/// At most so many names in the folder at a path that [`locate`] has given, and of each whether it
/// is a folder.
///
/// # Errors
///
/// `NotFound` where it is no folder any more.
pub(super) fn list(root: &Path, real: &Path, most: usize) -> io::Result<Vec<(OsString, bool)>> {
    let folder = system::open(root, real)?;
    if !folder.file.metadata()?.is_dir() {
        return Err(io::ErrorKind::NotFound.into());
    }
    system::names(folder, real, most)
}

/// Whether this error means that there is no such file: neither the name, nor links that lead to it.
pub(super) fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::*;
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
        || error.raw_os_error().is_some_and(system::leads_nowhere)
}

#[cfg(unix)]
mod system {
    use std::ffi::{OsStr, OsString};
    use std::fs::File;
    use std::io;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use nix::dir::{Dir, Type};
    use nix::errno::Errno;
    use nix::fcntl::{OFlag, open as open_path, openat};
    use nix::sys::stat::Mode;

    pub(super) struct Opened {
        pub(super) file: File,
    }

    /// A folder on the way: where the system can tell, without the right to list it.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    const ON_THE_WAY: OFlag = OFlag::O_PATH.union(OFlag::O_DIRECTORY).union(NO_LINK);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    const ON_THE_WAY: OFlag = OFlag::O_DIRECTORY.union(NO_LINK);

    const NO_LINK: OFlag = OFlag::O_NOFOLLOW.union(OFlag::O_CLOEXEC);

    /// The last name: a pipe without a writer does not block, and a terminal does not become ours.
    const LAST: OFlag = OFlag::O_NONBLOCK.union(OFlag::O_NOCTTY).union(NO_LINK);

    /// Walks from the root to the path. A link on the way is an error.
    pub(super) fn open(root: &Path, real: &Path) -> io::Result<Opened> {
        let below = real.strip_prefix(root).map_err(|_| io::ErrorKind::NotFound)?;
        let mut names = below.iter().peekable();
        let flags = |is_last| if is_last { LAST } else { ON_THE_WAY };
        let mut here = open_path(root, flags(names.peek().is_none()), Mode::empty())?;
        while let Some(name) = names.next() {
            here = openat(&here, name, flags(names.peek().is_none()), Mode::empty())?;
        }
        Ok(Opened { file: here.into() })
    }

    pub(super) fn names(
        folder: Opened,
        real: &Path,
        most: usize,
    ) -> io::Result<Vec<(OsString, bool)>> {
        let mut names = Vec::new();
        for entry in Dir::from_fd(folder.file.into())?.iter() {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let is_folder = match entry.file_type() {
                Some(kind) => kind == Type::Directory,
                None => real.join(name).symlink_metadata().is_ok_and(|about| about.is_dir()),
            };
            names.push((name.to_os_string(), is_folder));
            if names.len() == most {
                break;
            }
        }
        Ok(names)
    }

    /// Links in a circle; on FreeBSD a link where none is followed; a socket, which cannot be opened.
    pub(super) fn leads_nowhere(number: i32) -> bool {
        [Errno::ELOOP, Errno::EMLINK, Errno::ENXIO].contains(&Errno::from_raw(number))
    }
}

#[cfg(windows)]
mod system {
    use std::ffi::OsString;
    use std::fs::{self, File, OpenOptions};
    use std::io;
    use std::os::windows::fs::OpenOptionsExt;
    use std::path::Path;

    /// From `winnt.h` and `winbase.h`.
    const FILE_SHARE_READ: u32 = 1;
    const FILE_SHARE_ALL: u32 = 7;
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000; // without it, a folder cannot be opened

    /// `ERROR_CANT_RESOLVE_FILENAME`: links in a circle.
    const LOOP: i32 = 1921;

    /// A file or folder, and the folders on the way to it. As long as a folder is held open and not
    /// shared for deleting and writing, nobody can rename it, or turn it into a link.
    pub(super) struct Opened {
        pub(super) file: File,
        held: Vec<File>,
    }

    /// Walks from the root to the path. A link on the way is an error.
    pub(super) fn open(root: &Path, real: &Path) -> io::Result<Opened> {
        let below = real.strip_prefix(root).map_err(|_| io::ErrorKind::NotFound)?;
        let (mut path, mut held) = (root.to_path_buf(), Vec::new());
        for name in below {
            held.push(open_here(&path, FILE_SHARE_READ)?);
            path.push(name);
        }
        let file = open_here(&path, FILE_SHARE_ALL)?;
        Ok(Opened { file, held })
    }

    /// Opens what has this path, and where it is a link, refuses it.
    fn open_here(path: &Path, share: u32) -> io::Result<File> {
        let flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
        let file =
            OpenOptions::new().read(true).share_mode(share).custom_flags(flags).open(path)?;
        if file.metadata()?.is_symlink() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(file)
    }

    pub(super) fn names(
        folder: Opened,
        real: &Path,
        most: usize,
    ) -> io::Result<Vec<(OsString, bool)>> {
        let mut held = folder.held;
        held.push(open_here(real, FILE_SHARE_READ)?);
        let mut names = Vec::new();
        for entry in fs::read_dir(real)?.take(most) {
            let entry = entry?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            names.push((entry.file_name(), is_folder));
        }
        Ok(names)
    }

    pub(super) fn leads_nowhere(number: i32) -> bool {
        number == LOOP
    }
}

#[cfg(unix)]
#[cfg(test)] // in a line of its own: there Clippy allows unwrap()
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::thread;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;

    /// A folder with `root/sub/file`, and `outside/file` beside it.
    struct Place(PathBuf);

    impl Place {
        fn new() -> Place {
            let test = thread::current().name().unwrap().replace("::", "-");
            let name = format!("socket-labs-{}-{test}", std::process::id());
            let path = std::env::temp_dir().canonicalize().unwrap().join(name);
            for (folder, text) in [("root/sub", "inside"), ("outside", "secret")] {
                fs::create_dir_all(path.join(folder)).unwrap();
                fs::write(path.join(folder).join("file"), text).unwrap();
            }
            Place(path)
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }

        fn located(&self, name: &str) -> PathBuf {
            locate(&self.path("root"), &self.path(name)).unwrap().0
        }

        /// What opening as a file and listing as a folder say of a path that was located before.
        fn both(&self, real: &Path) -> [bool; 2] {
            let missing = |error: io::Error| {
                assert!(is_missing(&error), "{error}");
                false
            };
            let file = open_file(&self.path("root"), real).map_or_else(missing, |_| true);
            let list = list(&self.path("root"), real, 10).map_or_else(missing, |_| true);
            [file, list]
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_is_inside_is_opened_through_links_too() {
        let place = Place::new();
        symlink("sub", place.path("root/relative")).unwrap();
        symlink(place.path("root/sub/file"), place.path("root/absolute")).unwrap();
        symlink("../root/sub", place.path("root/out-and-in")).unwrap();
        for name in ["root/sub/file", "root/relative/file", "root/absolute", "root/out-and-in/file"]
        {
            assert_eq!(place.both(&place.located(name)), [true, false], "{name}");
        }
        for name in ["root", "root/sub", "root/relative", "root/out-and-in"] {
            assert_eq!(place.both(&place.located(name)), [false, true], "{name}");
        }
        let (root, most) = (place.path("root"), 10);
        let names = list(&root, &place.located("root/sub"), most).unwrap();
        assert_eq!(names, [("file".into(), false)]);
        let mut names = list(&root, &root, most).unwrap();
        names.sort();
        let folders: Vec<bool> = names.into_iter().map(|(_, is_folder)| is_folder).collect();
        assert_eq!(folders, [false, false, false, true], "a link to a folder is no folder");
        assert_eq!(list(&root, &root, 2).unwrap().len(), 2);
    }

    #[test]
    fn a_file_that_became_a_link_since_is_not_followed() {
        let place = Place::new();
        let real = place.located("root/sub/file");
        fs::remove_file(&real).unwrap();
        symlink(place.path("outside/file"), &real).unwrap();
        assert_eq!(place.both(&real), [false, false]);
        fs::remove_file(&real).unwrap();
        symlink(place.path("outside"), &real).unwrap();
        assert_eq!(place.both(&real), [false, false]);
    }

    #[test]
    fn a_folder_on_the_way_that_became_a_link_since_is_not_followed() {
        let place = Place::new();
        let (file, folder) = (place.located("root/sub/file"), place.located("root/sub"));
        fs::rename(&folder, place.path("moved")).unwrap();
        symlink(place.path("outside"), &folder).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "secret", "the path leads outside now");
        assert_eq!([place.both(&file), place.both(&folder)], [[false, false]; 2]);
    }

    #[test]
    fn a_root_that_became_a_link_since_is_not_followed() {
        let place = Place::new();
        let file = place.located("root/sub/file");
        fs::rename(place.path("root"), place.path("moved")).unwrap();
        symlink("moved", place.path("root")).unwrap();
        assert_eq!(place.both(&file), [false, false]);
    }

    #[test]
    fn a_file_that_became_a_pipe_since_does_not_block() {
        let place = Place::new();
        let real = place.located("root/sub/file");
        fs::remove_file(&real).unwrap();
        mkfifo(&real, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        assert_eq!(place.both(&real), [false, false]);
    }

    #[test]
    fn what_leads_outside_or_nowhere_is_missing() {
        let place = Place::new();
        symlink("loop", place.path("root/loop")).unwrap();
        symlink("b", place.path("root/a")).unwrap();
        symlink("a/x", place.path("root/b")).unwrap();
        symlink("nothing", place.path("root/dangling")).unwrap();
        symlink("../outside", place.path("root/out")).unwrap();
        symlink("/", place.path("root/everything")).unwrap();
        let long = format!("root/{}", "x".repeat(300));
        let deep = format!("root/{}", "x/".repeat(3_000));
        for name in [
            "root/loop",
            "root/a",
            "root/dangling",
            "root/out",
            "root/out/file",
            "root/everything",
            "root/sub/file/x",
            "root/nothing",
            "outside/file",
            &long,
            &deep,
            "root/a\0b",
        ] {
            let error = locate(&place.path("root"), &place.path(name)).unwrap_err();
            assert!(is_missing(&error), "{name:.60}: {error}");
        }
        let beside = open_file(&place.path("root"), &place.path("outside/file")).unwrap_err();
        assert_eq!(beside.kind(), io::ErrorKind::NotFound);
    }
}
