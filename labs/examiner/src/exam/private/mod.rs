//! The private machine of a check: a network of its own with loopback alone, its own process numbers,
//! and its own `/etc/hosts`. So fixed ports never clash, no packet leaves this computer, and a program
//! that asks `www.google.com` meets the examiner.
//!
//! Linux makes one without root's rights (namespaces(7)). Where it is not allowed, and on other
//! systems, the check runs on the loopback network of this computer, and what needs a machine of its
//! own is told as not examined.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod system;

pub use system::{FILES, Machine, enter};
