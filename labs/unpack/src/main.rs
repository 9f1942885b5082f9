//! unpack: unpacks the zip files in a folder, each where it lies, and those within them. `labs grade`
//! builds and starts it where somebody handed in a zip file; nobody else has to compile it.
//!
//! `unpack FOLDER FILES BYTES NESTED LEFT-OUT…` takes the place of each `x.zip` with a folder of the same
//! name. It writes at most so many files and bytes in all, and goes so deep into zip files in zip files. No
//! path leaves the folder, links are left out, and so is what is named so.
//! Each line that it prints is about something that it left out; exit code 1: it was too much.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use zip::ZipArchive;
use zip::read::ZipFile;

/// The most folders in folders that a path may have.
const DEPTH: usize = 16;

/// The most lines about what was left out.
const LINES: usize = 20;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let Some(mut unpacking) = Unpacking::of(&words) else {
        let _ = writeln!(io::stderr(), "usage: unpack FOLDER FILES BYTES NESTED LEFT-OUT…");
        return ExitCode::from(2);
    };
    let outcome = unpacking.all(&PathBuf::from(&words[0]), unpacking.nested);
    let mut text: String =
        unpacking.left_out.iter().take(LINES).map(|line| format!("{line}\n")).collect();
    if unpacking.left_out.len() > LINES {
        text.push_str(&format!("and {} more\n", unpacking.left_out.len() - LINES));
    }
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(TooMuch(sentence)) => {
            text = format!("{sentence}\n");
            ExitCode::FAILURE
        }
    };
    let _ = io::stdout().write_all(text.as_bytes());
    code
}

/// It was too much: one sentence.
struct TooMuch(String);

struct Unpacking {
    folder: PathBuf,
    /// How many files and bytes may still be written.
    files: usize,
    bytes: u64,
    /// How deep it goes into zip files in zip files.
    nested: usize,
    /// The names of folders and files that nobody looks for.
    skipped: Vec<String>,
    /// What was left out, and why.
    left_out: BTreeSet<String>,
}

impl Unpacking {
    fn of(words: &[String]) -> Option<Unpacking> {
        let [folder, files, bytes, nested, skipped @ ..] = words else { return None };
        Some(Unpacking {
            folder: folder.into(),
            files: files.parse().ok()?,
            bytes: bytes.parse().ok()?,
            nested: nested.parse().ok()?,
            skipped: skipped.to_vec(),
            left_out: BTreeSet::new(),
        })
    }

    /// Unpacks every zip file in a folder, and in what comes out of it.
    fn all(&mut self, folder: &Path, nested: usize) -> Result<(), TooMuch> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            // Not through a link: there is none that we have made.
            let Ok(kind) = fs::symlink_metadata(&path) else { continue };
            if kind.is_dir() {
                self.all(&path, nested)?;
            } else if kind.is_file() && is_zip(&path) {
                if nested == 0 {
                    self.leave_out(&path, "it is a zip file in too many others");
                    continue;
                }
                self.unpack(&path)?;
                if path.is_dir() {
                    self.all(&path, nested - 1)?;
                }
            }
        }
        Ok(())
    }

    /// Unpacks one zip file into a folder that takes its place.
    fn unpack(&mut self, path: &Path) -> Result<(), TooMuch> {
        let archive = File::open(path).map_err(|error| error.to_string());
        let archive =
            archive.and_then(|file| ZipArchive::new(file).map_err(|error| error.to_string()));
        let mut archive = match archive {
            Ok(archive) => archive,
            Err(error) => {
                self.leave_out(path, &format!("it cannot be read as a zip file: {error}"));
                return Ok(());
            }
        };
        // The file is open: its name is free for the folder.
        if fs::remove_file(path).and_then(|()| fs::create_dir(path)).is_err() {
            self.leave_out(path, "its folder cannot be made");
            return Ok(());
        }
        for index in 0..archive.len() {
            let name = archive.name_for_index(index).and_then(Result::ok);
            let name = clean(&name.unwrap_or_default());
            match archive.by_index(index) {
                Ok(file) => self.take(file, path)?,
                Err(error) => self.leave_out(&path.join(name), &error.to_string()),
            }
        }
        Ok(())
    }

    /// Writes one file of a zip file.
    fn take(&mut self, mut file: ZipFile<'_, File>, folder: &Path) -> Result<(), TooMuch> {
        let name = match file.name() {
            Ok(name) => name.to_string(),
            Err(_) => String::from_utf8_lossy(file.name_raw()).into_owned(),
        };
        let shown = folder.join(clean(&name));
        let Some(parts) = parts(&name) else {
            self.leave_out(&shown, "its path leads out of the folder");
            return Ok(());
        };
        if parts.is_empty() || self.is_skipped(&parts) {
            return Ok(());
        }
        if parts.len() > DEPTH {
            return Err(TooMuch(format!("a zip file has more than {DEPTH} folders in folders")));
        }
        if file.is_symlink() {
            self.leave_out(&shown, "it is a link");
            return Ok(());
        }
        let place = folder.join(parts.iter().collect::<PathBuf>());
        if file.is_dir() || name.ends_with('\\') {
            return self.counts().map(|()| _ = fs::create_dir_all(place));
        }
        self.counts()?;
        let made = place.parent().map_or(Ok(()), fs::create_dir_all);
        let written = made.and_then(|()| File::create_new(&place));
        let is_executable = file.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        match written.and_then(|mut to| self.copy(&mut file, &mut to)) {
            Ok(true) => executable(&place, is_executable),
            Ok(false) => return Err(TooMuch("what was handed in is too large, unpacked".into())),
            Err(error) => {
                // A half of it would be taken for what was handed in.
                if error.kind() != io::ErrorKind::AlreadyExists {
                    let _ = fs::remove_file(&place);
                }
                self.leave_out(&shown, &error.to_string());
            }
        }
        Ok(())
    }

    /// Copies a file as long as there is room: the sizes that a zip file states may be wrong.
    fn copy(&mut self, from: &mut impl Read, to: &mut File) -> io::Result<bool> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = from.read(&mut buffer)?;
            if length == 0 {
                return Ok(true);
            }
            if length as u64 > self.bytes {
                return Ok(false);
            }
            self.bytes -= length as u64;
            to.write_all(&buffer[..length])?;
        }
    }

    /// Counts a file or a folder.
    fn counts(&mut self) -> Result<(), TooMuch> {
        let too_many = || TooMuch("what was handed in has too many files, unpacked".into());
        self.files = self.files.checked_sub(1).ok_or_else(too_many)?;
        Ok(())
    }

    fn is_skipped(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| {
            part.starts_with("._")
                || self.skipped.iter().any(|name| name.eq_ignore_ascii_case(part))
        })
    }

    fn leave_out(&mut self, path: &Path, why: &str) {
        let name = path.strip_prefix(&self.folder).unwrap_or(path);
        self.left_out.insert(format!("{}: {why}", clean(&name.to_string_lossy())));
    }
}

fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

/// The parts of a path, with `/` or, as some programs of Windows write them, `\`. `None` where it leads
/// out of its folder, or to a drive.
fn parts(name: &str) -> Option<Vec<&str>> {
    if name.starts_with(['/', '\\']) || name.contains('\0') {
        return None;
    }
    let mut parts = Vec::new();
    for part in name.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => return None,
            drive if drive.len() == 2 && drive.ends_with(':') => return None,
            part => parts.push(part),
        }
    }
    Some(parts)
}

/// A name as one line.
fn clean(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(unix)]
fn executable(file: &Path, is_executable: bool) {
    use std::os::unix::fs::PermissionsExt;
    if is_executable {
        let _ = fs::set_permissions(file, fs::Permissions::from_mode(0o755));
    }
}

#[cfg(not(unix))]
fn executable(_: &Path, _: bool) {}
