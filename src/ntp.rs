//! The ntp codec.
