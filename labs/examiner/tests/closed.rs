//! Closed means closed: programs that attack who grades them, as root and as an ordinary user.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)] // as in every test

#[path = "closed/attacks.rs"]
mod attacks;
#[path = "closed/class.rs"]
mod class;
#[path = "closed/languages.rs"]
mod languages;
#[path = "closed/once.rs"]
mod once;
#[path = "closed/workplace.rs"]
mod workplace;
