//! The practice http server.
