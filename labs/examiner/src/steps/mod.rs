//! What is examined of each step, one file a step.

pub mod echo_client;
pub mod echo_server;
pub mod hostname;
pub mod http_01_socket;
pub mod http_02_resolve;
pub mod http_03_connect;
pub mod http_04_send;
pub mod http_05_receive;
pub mod http_get;
pub mod http_server;
mod lab3;
mod lab5;
pub mod mandela;
pub mod netcat;
pub mod ntp_client;
pub mod ntp_client_raw;
pub mod ntp_server;
pub mod resolve;
pub mod server_01_bind;
pub mod server_02_accept;
pub mod server_03_reply;
pub mod server_04_loop;
pub mod server_05_threads;
pub mod service_by_port;
pub mod tcp_client;
pub mod tcp_server;
pub mod udp_client;
pub mod udp_echo_client;
pub mod udp_echo_server;
pub mod udp_receipt_server;
pub mod udp_server;
mod web;
mod web_answer;

use crate::exam::Exam;

/// Every examination, in the order of the course.
pub const EXAMS: &[&Exam] = &[
    &netcat::EXAM,
    &hostname::EXAM,
    &resolve::EXAM,
    &service_by_port::EXAM,
    &udp_receipt_server::EXAM,
    &udp_server::EXAM,
    &udp_client::EXAM,
    &tcp_server::EXAM,
    &tcp_client::EXAM,
    &ntp_client::EXAM,
    &ntp_client_raw::EXAM,
    &ntp_server::EXAM,
    &http_01_socket::EXAM,
    &http_02_resolve::EXAM,
    &http_03_connect::EXAM,
    &http_04_send::EXAM,
    &http_05_receive::EXAM,
    &http_get::EXAM,
    &http_server::EXAM,
    &server_01_bind::EXAM,
    &server_02_accept::EXAM,
    &server_03_reply::EXAM,
    &server_04_loop::EXAM,
    &server_05_threads::EXAM,
    &echo_server::EXAM,
    &echo_client::EXAM,
    &udp_echo_server::EXAM,
    &udp_echo_client::EXAM,
    &mandela::EXAM,
];

/// The examination of a step.
pub fn exam(step: &str) -> Option<&'static Exam> {
    EXAMS.iter().find(|exam| exam.step == step).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is beyond a step is advice: it has no points, and nothing that has points needs it.
    #[test]
    fn nothing_that_has_points_needs_what_is_beyond_the_step() {
        for exam in EXAMS {
            for check in exam.checks {
                let id = format!("{}/{}", exam.step, check.name);
                assert_eq!(check.is_beyond(), check.points == 0, "{id}");
                let beyond = |need: &&&str| exam.check(need).is_none_or(|need| need.is_beyond());
                assert_eq!(check.needs.iter().find(beyond), None, "{id}");
            }
        }
    }
}
