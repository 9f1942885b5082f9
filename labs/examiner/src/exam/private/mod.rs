//! The private machine of a check: a network of its own with loopback alone, its own process numbers,
//! and its own `/etc/hosts`. So fixed ports never clash, no packet leaves this computer, and a program
//! that asks `www.google.com` meets the examiner.
//!
//! Linux makes one without root's rights (namespaces(7)). Where it is not allowed, and on other
//! systems, the check runs on the loopback network of this computer, and what needs a machine of its
//! own is told as not examined.

#[cfg(target_os = "linux")]
mod closed;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod system;

#[cfg(target_os = "linux")]
pub use closed::Closed;
#[cfg(target_os = "linux")]
pub use limits::launch;
#[cfg(target_os = "linux")]
pub use system::NOBODY;
#[cfg(not(target_os = "linux"))]
pub use system::launch;
pub use system::{FILES, Machine, enter, map_users};

/// The address that the name of a private machine has, as on Debian: a program may bind to it.
pub const OWN_IP: std::net::Ipv4Addr = std::net::Ipv4Addr::new(127, 0, 1, 1);

/// What of the computer a program sees beside the system. Only Linux can hide the rest.
#[cfg(not(target_os = "linux"))]
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Closed {
    /// Folders and files that it may read.
    pub visible: Vec<std::path::PathBuf>,
    /// A folder that it may write to, beside the private one in `/tmp`.
    pub writable: Option<std::path::PathBuf>,
}
