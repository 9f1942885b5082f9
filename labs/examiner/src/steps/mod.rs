//! What is examined of each step, one file a step.

pub mod echo_server;
pub mod hostname;
pub mod netcat;
pub mod resolve;
pub mod service_by_port;

use crate::exam::Exam;

/// Every examination, in the order of the course.
pub const EXAMS: &[&Exam] =
    &[&netcat::EXAM, &hostname::EXAM, &resolve::EXAM, &service_by_port::EXAM, &echo_server::EXAM];

/// The examination of a step.
pub fn exam(step: &str) -> Option<&'static Exam> {
    EXAMS.iter().find(|exam| exam.step == step).copied()
}
