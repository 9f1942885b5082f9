//! The folder of the course, and what lies where in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use examiner::catalogue::Step;

use super::advice::advice;
use super::template::is_whole;

/// Names the folder of the course, where it is not the one that `labs` was built in.
pub const VARIABLE: &str = "SOCKET_LABS_CHECKOUT";

/// The folder of the course.
#[derive(Debug, Clone)]
pub struct Checkout {
    root: PathBuf,
}

impl Checkout {
    /// The folder that [`VARIABLE`] names; else the one that this program lies in; else the one that
    /// it was built in; else, where that has gone, the nearest one around the current folder.
    ///
    /// In a copy of the whole folder, Cargo takes the program that came along for its own, and does
    /// not build it there. The current folder comes last, because a grader may be in that of a
    /// student.
    ///
    /// # Errors
    ///
    /// None of them is a folder of the course.
    pub fn find() -> anyhow::Result<Checkout> {
        if let Some(named) = env::var_os(VARIABLE) {
            let root = PathBuf::from(named);
            if is_checkout(&root) {
                return Ok(Checkout { root: std::path::absolute(root)? });
            }
            let sentence = format!("{} is not the folder of the course", root.display());
            return Err(advice(sentence, format!("correct {VARIABLE}, or unset it")));
        }
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        let (program, current) =
            (env::current_exe().unwrap_or_default(), env::current_dir().unwrap_or_default());
        let mut around = program.ancestors().chain(built_in).chain(current.ancestors());
        let root = around.find(|path| is_checkout(path)).map(Path::to_path_buf);
        root.map(|root| Checkout { root }).ok_or_else(|| {
            let hint = format!("go into its folder, or name the folder in {VARIABLE}");
            advice("cannot find the folder of the course", hint)
        })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The course's own program.
    pub fn reference(&self, step: &Step) -> PathBuf {
        self.root.join(format!("src/bin/{}.rs", step.name))
    }

    /// The course's own program, where it is whole: in a copy that was handed out, its gaps are
    /// empty, and there is nothing to compare with.
    pub fn whole_reference(&self, step: &Step) -> Option<PathBuf> {
        let file = self.reference(step);
        fs::read_to_string(&file).is_ok_and(|text| is_whole(&text)).then_some(file)
    }

    /// The student's program.
    pub fn answer(&self, step: &Step) -> PathBuf {
        self.root.join(format!("labs/answers/src/bin/{}.rs", step.name))
    }

    /// What the student has done so far.
    pub fn progress(&self) -> PathBuf {
        self.root.join("labs/answers/progress.txt")
    }
}

fn is_checkout(folder: &Path) -> bool {
    folder.join("labs/answers/Cargo.toml").is_file() && folder.join("src/bin").is_dir()
}

/// A path as it is told to the student: relative where it lies below the current folder.
pub fn shown(path: &Path) -> String {
    let current = env::current_dir().unwrap_or_default();
    path.strip_prefix(current).unwrap_or(path).display().to_string()
}
