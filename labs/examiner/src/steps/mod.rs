//! What is examined of each step, one file a step.

pub mod echo_server;
pub mod http_01_socket;
pub mod http_02_resolve;
pub mod http_03_connect;
pub mod http_04_send;
pub mod http_05_receive;
pub mod http_get;
pub mod http_server;
mod web;
mod web_answer;

use crate::exam::Exam;

/// Every examination, in the order of the course.
pub const EXAMS: &[&Exam] = &[
    &http_01_socket::EXAM,
    &http_02_resolve::EXAM,
    &http_03_connect::EXAM,
    &http_04_send::EXAM,
    &http_05_receive::EXAM,
    &http_get::EXAM,
    &http_server::EXAM,
    &echo_server::EXAM,
];

/// The examination of a step.
pub fn exam(step: &str) -> Option<&'static Exam> {
    EXAMS.iter().find(|exam| exam.step == step).copied()
}
