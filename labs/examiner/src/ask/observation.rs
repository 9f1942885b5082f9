//! What an experiment observed: calls, packets, tables, and the facts that decide.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// All that one run of an experiment observed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Observation {
    /// Whether it ran in a network of its own.
    pub private: bool,
    /// The columns, from left to right.
    pub lanes: Vec<String>,
    /// Whether the packets were seen: only in a network of its own.
    pub packets: bool,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What is claimed and asserted, by name.
    pub facts: Vec<Fact>,
    /// Why it did not come to its end, where it did not.
    pub stopped: Option<Stopped>,
    /// How long it took.
    pub milliseconds: u64,
}

/// Why an experiment did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "reason")]
pub enum Stopped {
    /// This machine cannot do it.
    CannotRun(String),
    /// A call failed that should not have.
    Broke(String),
}

/// Something that was observed, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What was looked at: `connect() with no server`.
    pub name: String,
    /// What was seen: `ok`, `ECONNREFUSED`, `LISTEN`, a number.
    pub value: String,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, since the experiment began.
    #[serde(rename = "microseconds", with = "microseconds")]
    pub at: Duration,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of things that happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum What {
    /// A call begins. Its result is the [`What::Result`] with the same number.
    Call {
        /// Who calls: a column.
        who: String,
        /// The call and its arguments.
        call: String,
        /// The number of this call.
        id: usize,
    },
    /// A call ends.
    Result {
        /// Who called.
        who: String,
        /// What it gave: `ok`, `5 bytes`, `ECONNREFUSED`.
        result: String,
        /// Whether it is an error.
        failed: bool,
        /// The number of the call.
        id: usize,
    },
    /// A packet on the wire.
    Packet {
        /// The column that it comes from, and the one that it goes to.
        from: String,
        /// As above.
        to: String,
        /// `SYN`, `5 bytes: "hello"`.
        label: String,
    },
    /// Rows of the socket table.
    Table {
        /// One line each, without a line end.
        rows: Vec<String>,
    },
    /// A sentence.
    Note {
        /// What is said.
        text: String,
    },
}

impl Observation {
    /// What was seen under this name.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
    }
}

/// A time as a whole number of microseconds.
mod microseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(at.as_micros() as u64)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_micros)
    }
}
