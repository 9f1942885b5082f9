//! The mandela codec.
