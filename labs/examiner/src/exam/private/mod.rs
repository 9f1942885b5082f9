//! The private machine of a check: a network of its own with loopback alone, its own process numbers,
//! and its own `/etc/hosts`. So fixed ports never clash, no packet leaves this computer, and a program
//! that asks `www.google.com` meets the examiner.
//!
//! Linux makes one without root's rights (namespaces(7)). Where it is not allowed, and on other
//! systems, the check runs on the loopback network of this computer, and what needs a machine of its
//! own is told as not examined.

use std::env;
use std::fs;
use std::path::Path;

#[cfg(target_os = "linux")]
mod below;
#[cfg(target_os = "linux")]
mod closed;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
pub mod group;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod room;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod system;

#[cfg(target_os = "linux")]
pub use below::launch_below;
#[cfg(target_os = "linux")]
pub use closed::{Closed, tool_chains_of};
#[cfg(target_os = "linux")]
pub use limits::launch;
pub use system::{FILES, Machine, close_inherited, enter, map_users};
#[cfg(target_os = "linux")]
pub use system::{NOBODY, lends};
#[cfg(not(target_os = "linux"))]
pub use system::{group, launch, launch_below, tool_chains_of};

/// What to do where there are no private machines, as far as this system tells why. Several lines.
pub fn advice() -> String {
    if !cfg!(target_os = "linux") {
        return "Closed machines need Linux: grade on Linux, or in a virtual machine with it."
            .into();
    }
    if env::var_os("SOCKET_LABS_SHARED_NETWORK").is_some() {
        return "SOCKET_LABS_SHARED_NETWORK is set: unset it.".into();
    }
    let setting = |name: &str| fs::read_to_string(Path::new("/proc/sys").join(name));
    let is = |name: &str, value: &str| setting(name).is_ok_and(|text| text.trim() == value);
    let advice = if is("kernel/apparmor_restrict_unprivileged_userns", "1") {
        "AppArmor forbids user namespaces (Ubuntu since 23.10). As root:\n  sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    } else if is("kernel/unprivileged_userns_clone", "0") {
        "The kernel forbids user namespaces. As root:\n  sysctl kernel.unprivileged_userns_clone=1"
    } else if is("user/max_user_namespaces", "0") {
        "The limit of user namespaces is 0. As root:\n  sysctl user.max_user_namespaces=10000"
    } else {
        "The system refuses user namespaces. In a container, its seccomp profile does that:\nstart it with --security-opt seccomp=unconfined."
    };
    advice.into()
}

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
