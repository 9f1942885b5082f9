//! Folders for a while.

use std::fs::DirBuilder;
use std::io;
use std::path::PathBuf;

/// A new, empty folder that nobody else can look into. Whoever asks for it removes it.
///
/// # Errors
///
/// It cannot be made; the name alone is never why.
pub fn new() -> io::Result<PathBuf> {
    #[allow(unused_mut)] // it has no mode on Windows
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    // A folder with this name may be left of a process of the same number, and be another user's.
    let mut number = 0;
    loop {
        let name = format!("socket-labs-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        match builder.create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1_000 => {
                number += 1
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    #[test]
    fn a_folder_that_is_left_over_is_not_taken() {
        let left = env::temp_dir().join(format!("socket-labs-{}-0", std::process::id()));
        fs::create_dir_all(&left).unwrap();
        let [one, other] = [super::new().unwrap(), super::new().unwrap()];
        assert!(one != left && other != left && one != other);
        for folder in [left, one, other] {
            fs::remove_dir(folder).unwrap();
        }
    }
}
