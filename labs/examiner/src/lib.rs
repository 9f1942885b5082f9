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
