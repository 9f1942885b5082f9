//! The rows that are kept: the first and the last, and of calls that repeat themselves the first few.

use std::collections::{BTreeMap, VecDeque};

use super::machine::{Id, Who};
use super::row::{Row, What};
use crate::exam::transcript::{count, grouped};

/// Rows that are kept at the beginning and at the end.
const FIRST: usize = 200;
const LAST: usize = 50;

/// The same call on the same socket is shown so often; more of them are counted, until something
/// else happens to the socket than that bytes are moved.
const REPEATS: usize = 10;

/// What makes two calls alike.
type Shape = (Id, Who, String);

/// The rows.
#[derive(Debug, Default)]
pub struct Kept {
    first: Vec<Row>,
    last: VecDeque<Row>,
    not_kept: usize,
    runs: BTreeMap<Shape, Run>,
}

/// Calls that are alike.
#[derive(Debug, Default)]
struct Run {
    shown: usize,
    counted: usize,
    bytes: usize,
    /// When the first one was that is counted.
    at: u64,
    descriptor: Option<i32>,
}

impl Kept {
    /// One more row.
    pub fn push(&mut self, row: Row) {
        let Some(socket) = row.socket else { return self.add(row) };
        if !only_moves_bytes(&row) {
            self.end_of_runs(socket);
            return self.add(row);
        }
        let run = self.runs.entry((socket, row.who, row.call.clone())).or_default();
        if run.shown < REPEATS {
            run.shown += 1;
            return self.add(row);
        }
        if run.counted == 0 {
            (run.at, run.descriptor) = (row.at, row.descriptor);
        }
        run.counted += 1;
        let data = |what: &What| if let What::Data { count, .. } = what { *count } else { 0 };
        let bytes = row.wire.iter().map(|wire| data(&wire.what));
        run.bytes = bytes.fold(run.bytes, usize::saturating_add);
    }

    fn add(&mut self, row: Row) {
        if self.first.len() < FIRST && self.last.is_empty() {
            self.first.push(row);
            return;
        }
        self.last.push_back(row);
        if self.last.len() > LAST {
            self.last.pop_front();
            self.not_kept += 1;
        }
    }

    /// Tells what was counted of a socket.
    fn end_of_runs(&mut self, socket: Id) {
        let of_socket =
            (socket, Who::default(), String::new())..(socket + 1, Who::default(), String::new());
        let ended: Vec<Shape> =
            self.runs.range(of_socket).map(|(shape, _)| shape.clone()).collect();
        for shape in ended {
            let Some(run) = self.runs.remove(&shape).filter(|run| run.counted > 0) else {
                continue;
            };
            let (socket, who, call) = shape;
            let mut result = format!("… {} more {call}", grouped(run.counted));
            if let Some(number) = run.descriptor {
                result += &format!(" on socket {number}");
            }
            if run.bytes > 0 {
                result += &format!(": {}", count(run.bytes, "byte"));
            }
            let (at, socket) = (run.at, Some(socket));
            self.add(Row { at, who, result, socket, descriptor: run.descriptor, ..Row::default() });
        }
    }

    /// Takes away the rows about a socket, and says how many.
    pub fn remove(&mut self, id: Id) -> usize {
        let before = self.first.len() + self.last.len();
        self.first.retain(|row| row.socket != Some(id));
        self.last.retain(|row| row.socket != Some(id));
        before - self.first.len() - self.last.len()
    }

    /// The first rows, how many behind them are not kept, and the last rows; each in their order,
    /// with times from the first one on.
    pub fn parts(mut self) -> (Vec<Row>, usize, Vec<Row>) {
        let sockets: Vec<Id> = self.runs.keys().map(|shape| shape.0).collect();
        sockets.into_iter().for_each(|socket| self.end_of_runs(socket));
        let mut last: Vec<Row> = self.last.into();
        if self.not_kept == 0 {
            self.first.append(&mut last);
        }
        self.first.sort_by_key(|row| row.at);
        last.sort_by_key(|row| row.at);
        let zero = self.first.first().map_or(0, |row| row.at);
        for row in self.first.iter_mut().chain(&mut last) {
            row.at = row.at.saturating_sub(zero);
        }
        (self.first, self.not_kept, last)
    }
}

/// Whether a call went well and did no more than that.
fn only_moves_bytes(row: &Row) -> bool {
    let is_event =
        matches!(&row.call[..], "" | "accept" | "close" | "socket" | "connect" | "bind" | "listen");
    let is_well = row.errno.is_none() && row.value.is_some();
    is_well && !is_event && row.wire.iter().all(|wire| wire.what.is_data())
}
