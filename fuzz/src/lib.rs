//! What each decoder of the course must keep to, whatever arrives.
//!
//! [`decoders`] has one function for each decoder, and a test of `labs/examiner` plays the seeds
//! through them; it includes the folder, so that `cargo test` needs no libFuzzer. [`others`] compares
//! with crates that are too large for a test that students build.

pub mod decoders;
pub mod others;
