//! What a listener remembers: who has sent how often, and what is still to be complained of.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How many sources are remembered.
pub const MOST_SOURCES: usize = 1_000;

/// How many datagrams each source has sent: a table that has an end.
///
/// The sender's address of a datagram can be forged, so a stranger could fill a table without an
/// end with one datagram an entry. When this one is full, the source that has been silent for the
/// longest time is forgotten. Should it send again, it counts from 1.
#[derive(Debug)]
pub struct Sources {
    known: BTreeMap<IpAddr, Source>, // a tree finds one of few sooner than a hash table does
    most: usize,
    heard: u64,
}

#[derive(Debug)]
struct Source {
    times: u64,
    last: u64, // the number of its latest datagram, among those of all sources
}

impl Sources {
    /// A table of at most [`MOST_SOURCES`], with nobody in it.
    pub fn none() -> Sources {
        Sources::at_most(MOST_SOURCES)
    }

    fn at_most(most: usize) -> Sources {
        Sources { known: BTreeMap::new(), most, heard: 0 }
    }

    /// One more datagram from this address, whatever the port: how many that makes.
    pub fn count(&mut self, address: IpAddr) -> u64 {
        if self.known.len() >= self.most && !self.known.contains_key(&address) {
            self.forget_one();
        }
        self.heard += 1;
        let source = self.known.entry(address).or_insert(Source {
            times: 0,
            last: 0, // both are set just below
        });
        source.times += 1;
        source.last = self.heard;
        source.times
    }

    fn forget_one(&mut self) {
        let silent_longest = self.known.iter().min_by_key(|(_, source)| source.last);
        if let Some((address, _)) = silent_longest {
            let address = *address;
            self.known.remove(&address);
        }
    }
}

/// Lets one complaint through a second, and counts those in between.
///
/// `T` is what a complaint is about. The latest is kept, of the others only the number.
#[derive(Debug)]
pub struct Complaints<T> {
    waiting: u64,
    latest: Option<T>,
    last_said: Option<Instant>,
}

impl<T> Complaints<T> {
    /// Nothing to complain of.
    pub fn none() -> Complaints<T> {
        Complaints { waiting: 0, latest: None, last_said: None }
    }

    /// One more.
    pub fn add(&mut self, complaint: T) {
        self.waiting += 1;
        self.latest = Some(complaint);
    }

    /// How many complaints have come since the last answer, and the latest of them; `None` where
    /// there is none, or where the last answer is less than a second old.
    ///
    /// The clock is asked only if there is something to say.
    pub fn due(&mut self, now: impl FnOnce() -> Instant) -> Option<(u64, T)> {
        self.latest.as_ref()?;
        let now = now();
        let said = self.last_said.map(|said| now.saturating_duration_since(said));
        if said.is_some_and(|ago| ago < Duration::from_secs(1)) {
            return None;
        }
        self.last_said = Some(now);
        let latest = self.latest.take()?;
        Some((std::mem::take(&mut self.waiting), latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        [127, 0, 0, last].into()
    }

    #[test]
    fn each_source_has_a_count_of_its_own() {
        let mut sources = Sources::at_most(10);
        assert_eq!(sources.count(address(1)), 1);
        assert_eq!(sources.count(address(2)), 1);
        assert_eq!(sources.count(address(1)), 2);
    }

    #[test]
    fn a_full_table_forgets_the_source_that_is_silent_for_longest() {
        let mut sources = Sources::at_most(2);
        sources.count(address(1));
        sources.count(address(2));
        sources.count(address(1));
        sources.count(address(3)); // 2 has to go, not 1
        assert_eq!(sources.count(address(1)), 3);
        assert_eq!(sources.count(address(3)), 2);
        assert_eq!(sources.count(address(2)), 1);
        assert_eq!(sources.known.len(), 2);
    }

    #[test]
    fn a_flood_of_sources_leaves_the_table_as_small_as_it_is() {
        let mut sources = Sources::at_most(100);
        for number in 0..10_000u32 {
            sources.count(IpAddr::from(number.to_be_bytes()));
        }
        assert_eq!(sources.known.len(), 100);
    }

    #[test]
    fn the_first_complaint_is_due_at_once_and_the_next_after_a_second() {
        let start = Instant::now();
        let at = |milliseconds| move || start + Duration::from_millis(milliseconds);
        let mut complaints = Complaints::none();
        assert_eq!(complaints.due(|| unreachable!("nothing to say")), None);
        complaints.add("a");
        assert_eq!(complaints.due(at(0)), Some((1, "a")));
        complaints.add("b");
        complaints.add("c");
        assert_eq!(complaints.due(at(999)), None);
        assert_eq!(complaints.due(at(1_000)), Some((2, "c")));
        assert_eq!(complaints.due(at(5_000)), None);
        complaints.add("d");
        assert_eq!(complaints.due(at(5_000)), Some((1, "d")));
    }
}
