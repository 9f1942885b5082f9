//! The practice ntp server.
