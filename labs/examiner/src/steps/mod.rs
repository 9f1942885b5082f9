//! What is examined of each step, one file a step.

pub mod echo_server;
mod lab3;
pub mod ntp_client;
pub mod ntp_client_raw;
pub mod ntp_server;

use crate::exam::Exam;

/// Every examination, in the order of the course.
pub const EXAMS: &[&Exam] =
    &[&ntp_client::EXAM, &ntp_client_raw::EXAM, &ntp_server::EXAM, &echo_server::EXAM];

/// The examination of a step.
pub fn exam(step: &str) -> Option<&'static Exam> {
    EXAMS.iter().find(|exam| exam.step == step).copied()
}
