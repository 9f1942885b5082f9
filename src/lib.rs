//! The helper library of socket-labs.
//!
//! The lab programs in `src/bin` make the socket calls themselves, in the open. This library holds
//! what a lab sheet does not ask about: the sentences of errors, pictures of bytes, the codecs of
//! the protocols, and the practice servers that stand in where the network is missing.
//!
//! | floor | rooms | what they know |
//! |---|---|---|
//! | 0 | [`error`], [`bytes`], [`console`], [`complaints`], [`date`], [`socket_table`] | the operating system, no protocol |
//! | 1 | [`ntp`], [`http`], [`mandela`] | bytes and values: no sockets, no clock, no printing |
//! | 2 | [`names`], [`cli`], [`clients`], [`practice`] | what several programs share |
//!
//! A room uses only the floors below it, and its neighbours on its own floor.

pub mod bytes;
pub mod cli;
pub mod clients;
pub mod complaints;
pub mod console;
pub mod date;
pub mod error;
pub mod http;
pub mod mandela;
pub mod names;
pub mod ntp;
pub mod practice;
pub mod socket_table;
