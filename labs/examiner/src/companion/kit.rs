//! `labs gradescope-kit`: an autograder for Gradescope, as a folder to zip and upload.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use examiner::steps::exam;
use socket_labs::say;

use super::{Checkout, handout};

/// Writes an autograder for Gradescope, to zip and upload.
///
/// Example: labs gradescope-kit kit --step echo_server --step echo_client
#[derive(Parser)]
#[command(verbatim_doc_comment)]
pub struct Kit {
    /// The folder to write; it must not exist yet
    folder: PathBuf,

    /// A step that is due; give it once for each
    #[arg(long = "step", required = true, value_name = "STEP")]
    steps: Vec<String>,
}

const SETUP: &str = include_str!("kit/setup.sh");
const RUN: &str = include_str!("kit/run_autograder");

impl Kit {
    /// Writes the folder: the two scripts that Gradescope calls, the course file, and a copy of the
    /// course without solutions.
    ///
    /// # Errors
    ///
    /// A step is not of the course; the folder is there already; a file cannot be written.
    pub fn run(&self, checkout: &Checkout) -> anyhow::Result<()> {
        for step in &self.steps {
            exam(step).with_context(|| format!("there is no step {step:?} to examine"))?;
        }
        let folder = &self.folder;
        handout::write(checkout, &folder.join("course"), false)?;
        let weights: String = self.steps.iter().map(|step| format!("{step} = 1\n")).collect();
        fs::write(folder.join("course.toml"), format!("[steps]\n{weights}"))?;
        script(&folder.join("setup.sh"), SETUP)?;
        script(&folder.join("run_autograder"), RUN)?;
        say!("The autograder is in {}. Zip what is in it, and upload it:", folder.display());
        say!("(cd {} && zip -qr ../autograder.zip .)", folder.display());
        Ok(())
    }
}

fn script(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
