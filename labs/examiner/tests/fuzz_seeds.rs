//! Every decoder with the seeds of its fuzz target, as they are and a little changed. Each crash that
//! fuzzing found is among the seeds.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // in a test, a panic is the answer

#[path = "../../../fuzz/src/decoders/mod.rs"]
mod decoders;

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use decoders::{ALL, Decoder};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A number from the environment. `SEED=2 CHANGES=1000000 DECODER=ntp cargo test --release …` is a long
/// run of one decoder.
fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |number| number.parse().expect(variable))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let items =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    items.map(|item| item.unwrap().file_name().into_string().unwrap()).collect()
}

/// The seeds of a decoder, by name.
fn seeds(decoder: &Decoder) -> Vec<(String, Vec<u8>)> {
    let folder = folder().join("seeds").join(decoder.name);
    let seeds = names(&folder).into_iter();
    seeds.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

#[test]
fn every_decoder_has_a_fuzz_target_and_seeds() {
    let decoders: BTreeSet<String> = ALL.iter().map(|decoder| decoder.name.into()).collect();
    let targets = names(&folder().join("fuzz_targets"));
    assert_eq!(targets, decoders.iter().map(|name| format!("{name}.rs")).collect());
    assert_eq!(names(&folder().join("seeds")), decoders);
    for decoder in ALL {
        assert!((5..=40).contains(&seeds(decoder).len()), "{}", decoder.name);
    }
}

#[test]
fn every_seed_is_taken_as_it_should_be() {
    let mut wrong = Vec::new();
    for decoder in ALL {
        for (name, seed) in seeds(decoder) {
            if catch_unwind(|| (decoder.check)(&seed)).is_err() {
                wrong.push(format!("fuzz/seeds/{}/{name}", decoder.name));
            }
        }
    }
    assert!(wrong.is_empty(), "see above, in this order: {wrong:#?}");
}

#[test]
fn what_is_nearly_a_seed_is_taken_too() {
    let (seed, changes) = (number("SEED", 1), number("CHANGES", 40));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let chosen = std::env::var("DECODER").ok();
    for decoder in ALL.iter().filter(|one| chosen.as_ref().is_none_or(|name| one.name == name)) {
        let all: Vec<Vec<u8>> = seeds(decoder).into_iter().map(|(_, seed)| seed).collect();
        for one in &all {
            for _ in 0..changes {
                let other = &all[below(&mut random, all.len())];
                let input = changed(one, other, &mut random);
                let outcome = catch_unwind(|| (decoder.check)(&input));
                assert!(
                    outcome.is_ok(),
                    "SEED={seed}, {}: {}",
                    decoder.name,
                    socket_labs::bytes::printable(&input)
                );
            }
        }
        eprintln!("{}: {} inputs", decoder.name, all.len() as u64 * changes);
    }
}

fn below(random: &mut ChaCha8Rng, end: usize) -> usize {
    random.next_u32() as usize % end.max(1)
}

/// One to four changes: a byte, a piece taken away, a piece twice, a piece of another seed.
fn changed(seed: &[u8], other: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=below(random, 4) {
        let at = below(random, bytes.len() + 1);
        let length = below(random, 9).min(bytes.len() - at);
        match below(random, 5) {
            0 if at < bytes.len() => bytes[at] = random.next_u32() as u8,
            1 if at < bytes.len() => bytes[at] ^= 1 << below(random, 8),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let start = below(random, other.len() + 1);
                let end = (start + below(random, 17)).min(other.len());
                bytes.splice(at..at, other[start..end].iter().copied());
            }
        }
    }
    bytes
}
