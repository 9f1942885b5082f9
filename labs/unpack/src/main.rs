//! unpack: unpacks the zip files in a folder, each where it lies, and those within them. `labs grade`
//! builds and starts it where somebody handed in a zip file; nobody else has to compile it.
//!
//! `unpack FOLDER FILES BYTES NESTED LEFT-OUT…` takes the place of each `x.zip` with a folder of the same
//! name. It writes at most so many files and bytes in all, and goes so deep into zip files in zip files. No
//! path leaves the folder, links are left out, and so is what is named so.
//! Each line that it prints is about something that it left out; exit code 1: it was too much.
//!
//! Where NESTED is 1 it is the zip file of a class. FILES and BYTES are then those of a hundred
//! hand-ins, and each hand-in has its own: what is too much of one is cut off a file, a byte or a
//! folder beyond that, so that whoever takes it in sees it, and all the others are whole. The lines
//! are in the file `left-out` of FOLDER, too.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use zip::ZipArchive;
use zip::read::ZipFile;

/// The most folders in folders that a path may have.
const DEPTH: usize = 16;

/// The most lines about what was left out of one hand-in.
const LINES: usize = 20;

/// The hand-ins of a class that FILES and BYTES are for.
const CLASS: usize = 100;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let Some(mut unpacking) = Unpacking::of(&words) else {
        let _ = writeln!(io::stderr(), "usage: unpack FOLDER FILES BYTES NESTED LEFT-OUT…");
        return ExitCode::from(2);
    };
    let outcome = unpacking.all(&PathBuf::from(&words[0]), unpacking.nested);
    let (text, code) = match outcome {
        Ok(()) => (unpacking.lines(), ExitCode::SUCCESS),
        Err(TooMuch(sentence)) => (sentence, ExitCode::FAILURE),
    };
    if unpacking.is_class() {
        let _ = fs::write(unpacking.folder.join("left-out"), &text);
    }
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
    /// The same at the beginning.
    most: Share,
    /// How deep it goes into zip files in zip files.
    nested: usize,
    /// The names of folders and files that nobody looks for.
    skipped: Vec<String>,
    /// What was left out, and why, by the hand-in of a class.
    left_out: BTreeMap<String, BTreeSet<String>>,
    /// How many folders of a class are in front of all its hand-ins.
    in_front: usize,
    /// What each hand-in of a class may still write.
    shares: BTreeMap<String, Share>,
}

struct Share {
    files: usize,
    bytes: u64,
}

impl Unpacking {
    fn of(words: &[String]) -> Option<Unpacking> {
        let [folder, files, bytes, nested, skipped @ ..] = words else { return None };
        let (files, bytes) = (files.parse().ok()?, bytes.parse().ok()?);
        Some(Unpacking {
            folder: folder.into(),
            files,
            bytes,
            most: Share { files, bytes },
            nested: nested.parse().ok()?,
            skipped: skipped.to_vec(),
            left_out: BTreeMap::new(),
            in_front: 0,
            shares: BTreeMap::new(),
        })
    }

    fn is_class(&self) -> bool {
        self.nested == 1
    }

    /// What was left out, a line each.
    fn lines(&self) -> String {
        let mut lines = Vec::new();
        for (hand_in, left_out) in &self.left_out {
            lines.extend(left_out.iter().take(LINES).cloned());
            if left_out.len() > LINES {
                let whose = if self.is_class() { format!("{hand_in}: ") } else { String::new() };
                lines.push(format!("{whose}and {} more", left_out.len() - LINES));
            }
        }
        lines.join("\n")
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
                if path.is_dir() && !self.is_class() {
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
        self.in_front = self.folders_in_front(&archive);
        let so_far = self.number_left_out();
        for index in 0..archive.len() {
            let name = archive.name_for_index(index).and_then(Result::ok);
            let name = clean(&name.unwrap_or_default());
            match archive.by_index(index) {
                Ok(file) => self.take(file, path)?,
                Err(error) => self.leave_out(&path.join(name), &error.to_string()),
            }
        }
        if self.number_left_out() == so_far && !has_files(path) {
            self.leave_out(path, "the zip file is empty");
        }
        Ok(())
    }

    /// How many folders all files of a zip file are in.
    fn folders_in_front(&self, archive: &ZipArchive<File>) -> usize {
        let mut common: Option<Vec<String>> = None;
        for index in 0..archive.len() {
            let Some(Ok(name)) = archive.name_for_index(index) else { continue };
            let Some(mut parts) = parts(&name).filter(|parts| !self.is_skipped(parts)) else {
                continue;
            };
            if !name.ends_with(['/', '\\']) {
                parts.pop();
            }
            let same = common.as_ref().map_or(parts.len(), |common| {
                common.iter().zip(&parts).take_while(|(one, other)| one == other).count()
            });
            common = Some(parts[..same].iter().map(|part| part.to_string()).collect());
        }
        common.map_or(0, |common| common.len())
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
        if file.is_symlink() {
            self.leave_out(&shown, "it is a link");
            return Ok(());
        }
        let is_folder = file.is_dir() || name.ends_with('\\');
        let place = folder.join(parts.iter().collect::<PathBuf>());
        let hand_in = self.hand_in(&place);
        if self.is_class() && !self.has_room(&hand_in) {
            return Ok(());
        }
        self.counts()?;
        let below = place.strip_prefix(&self.folder).map_or(0, |below| below.components().count());
        // Of a class, the zip file itself and the name of the hand-in are in front.
        let in_front = if self.is_class() { self.in_front + 2 } else { 0 };
        if below.saturating_sub(in_front + usize::from(!is_folder)) >= DEPTH {
            if self.is_class() {
                let cut_off: PathBuf = parts.iter().take(in_front - 1 + DEPTH).collect();
                let _ = fs::create_dir_all(folder.join(cut_off));
                return Ok(());
            }
            return Err(TooMuch(format!("a zip file has more than {DEPTH} folders in folders")));
        }
        if is_folder {
            let _ = fs::create_dir_all(place);
            return Ok(());
        }
        let made = place.parent().map_or(Ok(()), fs::create_dir_all);
        let written = made.and_then(|()| File::create_new(&place));
        let is_executable = file.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        match written.and_then(|mut to| self.copy(&mut file, &mut to, &hand_in)) {
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

    /// The hand-in of a class that a path belongs to.
    fn hand_in(&self, path: &Path) -> String {
        if !self.is_class() {
            return String::new();
        }
        let below = path.strip_prefix(&self.folder).unwrap_or(path);
        let name = below.components().nth(self.in_front + 1);
        name.map(|name| name.as_os_str().to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Whether a hand-in of a class may have another file or folder, which is counted.
    fn has_room(&mut self, hand_in: &str) -> bool {
        let all =
            Share { files: self.most.files / CLASS + 1, bytes: self.most.bytes / CLASS as u64 + 1 };
        let share = self.shares.entry(hand_in.to_string()).or_insert(all);
        let has_room = share.files > 0;
        share.files = share.files.saturating_sub(1);
        has_room
    }

    /// Copies a file as long as there is room: the sizes that a zip file states may be wrong. Of a
    /// hand-in of a class it copies what there is room for.
    fn copy(&mut self, from: &mut impl Read, to: &mut File, hand_in: &str) -> io::Result<bool> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let mut length = from.read(&mut buffer)?;
            if let Some(share) = self.shares.get_mut(hand_in) {
                length = length.min(usize::try_from(share.bytes).unwrap_or(usize::MAX));
                share.bytes -= length as u64;
            }
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

    fn number_left_out(&self) -> usize {
        self.left_out.values().map(BTreeSet::len).sum()
    }

    fn leave_out(&mut self, path: &Path, why: &str) {
        let name = path.strip_prefix(&self.folder).unwrap_or(path);
        let line = format!("{}: {why}", clean(&name.to_string_lossy()));
        self.left_out.entry(self.hand_in(path)).or_default().insert(line);
    }
}

/// Whether there is any file in a folder, however deep.
fn has_files(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => has_files(&entry.path()),
        _ => true,
    })
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
