//! The room of a build: a file system in memory, of a fixed size, in the place of the folder that is
//! built in. A build that fills it has filled its own room, and no disk. What is in it when the build has
//! ended well is copied out.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

use super::below::user;

/// What a build may have in its folder: bytes, files and folders, and folders in folders.
const BYTES: u64 = 512 << 20;
const FILES: u64 = 20_000;
const DEPTH: usize = 64;

/// The room, seen from within.
pub struct Room {
    /// The folder of the computer that it stands for, held open: it has no name here.
    outside: File,
    /// Where it is, once the closed file system is entered.
    folder: PathBuf,
}

impl Room {
    /// The room for this folder, at a place of the file system that is being made.
    ///
    /// # Errors
    ///
    /// The system refuses it.
    pub fn new(folder: &Path, place: &Path) -> io::Result<Room> {
        let outside = File::open(folder)?;
        let options = format!("size={BYTES},nr_inodes={FILES},mode=755,uid={0},gid={0}", user());
        super::closed::tmpfs(place, &options)?;
        Copy::new().folder(folder, place, 0)?;
        Ok(Room { outside, folder: folder.to_path_buf() })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether hardly anything more has room in it.
    pub fn is_full(&self) -> bool {
        // Who was refused a large piece may leave as much as that free.
        statvfs(&self.folder).is_ok_and(|room| {
            room.blocks_free() < room.blocks() / 16 || room.files_free() < room.files() / 16
        })
    }

    /// Copies all that is in it to the folder that it stands for. Tells whether that is no more than a build
    /// may have: files with holes, or with many names, are larger once they are copied.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub fn keep(&self) -> io::Result<bool> {
        // The folder is not in our file system any more, and a link in it could lead anywhere: nothing
        // is opened there but what was made by this copy.
        let outside = PathBuf::from(format!("/proc/self/fd/{}", self.outside.as_raw_fd()));
        match Copy::new().folder(&self.folder, &outside, 0) {
            Err(error) if error.kind() == io::ErrorKind::QuotaExceeded => Ok(false),
            copied => copied.map(|()| true),
        }
    }

    /// What is said of a build that takes more.
    pub fn words() -> String {
        format!(
            "The build takes more than it may: it has room for {} MiB, {FILES} files and {DEPTH} folders in folders.",
            BYTES >> 20,
        )
    }
}

/// A copy of a folder with what is in it, and how much of the room is left for it.
struct Copy {
    bytes: u64,
    files: u64,
}

impl Copy {
    fn new() -> Copy {
        Copy { bytes: BYTES, files: FILES }
    }

    /// Copies what is in a folder into one that is there: files, folders, and links as links.
    fn folder(&mut self, from: &Path, to: &Path, depth: usize) -> io::Result<()> {
        for item in fs::read_dir(from)? {
            let item = item?;
            let (from, to) = (item.path(), to.join(item.file_name()));
            let kind = fs::symlink_metadata(&from)?;
            self.files = self.files.checked_sub(1).ok_or(io::ErrorKind::QuotaExceeded)?;
            if kind.is_dir() {
                if depth == DEPTH {
                    return Err(io::ErrorKind::QuotaExceeded.into());
                }
                if !fs::symlink_metadata(&to).is_ok_and(|old| old.is_dir()) {
                    clear(&to)?;
                    fs::create_dir(&to)?;
                }
                self.folder(&from, &to, depth + 1)?;
            } else if kind.is_file() {
                clear(&to)?;
                self.file(&from, &to)?;
            } else if kind.is_symlink() {
                clear(&to)?;
                symlink(fs::read_link(&from)?, &to)?;
            } else {
                continue; // a pipe or a socket is nothing that is built
            }
            lchown(&to, Some(user()), Some(user()))?;
            if !kind.is_symlink() {
                fs::set_permissions(
                    &to,
                    Permissions::from_mode(kind.permissions().mode() & 0o777),
                )?;
            }
        }
        Ok(())
    }

    fn file(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (mut from, mut to) = (File::open(from)?, File::create_new(to)?);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = from.read(&mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            self.bytes =
                self.bytes.checked_sub(length as u64).ok_or(io::ErrorKind::QuotaExceeded)?;
            to.write_all(&buffer[..length])?;
        }
    }
}

/// Makes a place free for something else.
fn clear(place: &Path) -> io::Result<()> {
    match fs::symlink_metadata(place) {
        Ok(old) if old.is_dir() => fs::remove_dir_all(place),
        Ok(_) => fs::remove_file(place),
        Err(_) => Ok(()),
    }
}
