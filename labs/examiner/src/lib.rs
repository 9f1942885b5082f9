//! The examiner of the course: it starts a student's program, is its peer on the wire, and says what
//! it saw. The binary `labs` is the companion that a student talks to.

pub mod ask;
pub mod catalogue;
pub mod exam;
mod folder;
pub mod grade;
pub mod progress;
pub mod steps;
pub mod trace;

/// Whether the answers of the course are here. A copy that was handed out has none, and so nothing to try
/// with them what compares programs.
#[cfg(test)]
fn has_answers() -> bool {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/right").is_dir()
}
