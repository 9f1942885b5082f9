//! Where programs are: the search path, and what Windows puts behind a name.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What runs a program in Python: on Windows the launcher, which its installer adds.
pub const PYTHON: &str = if cfg!(windows) { "py" } else { "python3" };

/// What a program's name may end in where `PATHEXT` does not say it.
const ENDINGS: &str = ".COM;.EXE;.BAT;.CMD";

/// The program of this name on the search path.
pub fn program(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).find_map(|folder| program_in(&folder, name))
}

/// The program of this name, or at this path, in a folder.
pub fn program_in(folder: &Path, name: &str) -> Option<PathBuf> {
    let endings = if cfg!(windows) {
        env::var_os("PATHEXT").and_then(|endings| endings.into_string().ok())
    } else {
        Some(String::new())
    };
    candidates(name, endings.as_deref().unwrap_or(ENDINGS))
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

/// The names that a program may have, in the order in which Windows tries them: with each ending, and
/// as it is where it has an ending itself. Without endings, as on other systems, as it is alone.
fn candidates(name: &str, endings: &str) -> impl Iterator<Item = String> {
    let endings: Vec<String> =
        endings.split(';').filter(|ending| !ending.is_empty()).map(String::from).collect();
    let own = Path::new(name).extension().and_then(OsStr::to_str).map(|own| format!(".{own}"));
    let has_one = own.is_some_and(|own| endings.iter().any(|one| one.eq_ignore_ascii_case(&own)));
    let as_it_is = (endings.is_empty() || has_one).then(|| name.to_string());
    let name = name.to_string();
    as_it_is.into_iter().chain(endings.into_iter().map(move |ending| format!("{name}{ending}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: &str, endings: &str) -> String {
        candidates(name, endings).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_name_is_tried_with_the_endings_of_windows() {
        assert_eq!(names("python3", ".COM;.EXE"), "python3.COM python3.EXE");
        assert_eq!(names("tool.exe", ".COM;.EXE"), "tool.exe tool.exe.COM tool.exe.EXE");
        assert_eq!(names("python3.11", ".EXE;"), "python3.11.EXE");
        assert_eq!(names("python3", ""), "python3");
    }

    #[test]
    fn a_program_of_the_search_path_is_found() {
        let cargo = program("cargo").unwrap();
        assert!(cargo.is_file());
        assert_eq!(program("no-program-has-this-name"), None);
        assert_eq!(program_in(cargo.parent().unwrap(), "cargo"), Some(cargo));
    }
}
