//! What a listener remembers: who has sent how often.

use std::collections::BTreeMap;
use std::net::IpAddr;

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
}
