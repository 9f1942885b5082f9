//! Programs of a class that are the same but for names and layout.
//!
//! Each program is turned into fingerprints by winnowing: S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing:
//! Local Algorithms for Document Fingerprinting", SIGMOD 2003. A program is a row of tokens, in which all
//! names that a student chooses are one token, and so are all numbers and all texts; comments and layout are
//! none. Every `GRAM` tokens have a number; of each `WINDOW` numbers in a row the smallest is kept. So
//! whatever two programs have in common in `GRAM + WINDOW - 1` tokens or more leaves a fingerprint in both.
//! What the course itself hands out leaves none.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use super::journal::Results;

/// The tokens that make a fingerprint.
const GRAM: usize = 10;

/// The fingerprints of which one is kept.
const WINDOW: usize = 6;

/// The fingerprints that a program must have to be compared: shorter ones are alike by themselves.
const FEWEST: usize = 20;

/// The share of all fingerprints of two programs that both of them have, from which on they are told.
const SHARE: f64 = 0.8;

/// The largest program that is looked at, in bytes.
const LARGEST: u64 = 256 * 1024;

/// Students whose programs of a step are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The step.
    pub step: String,
    /// The students, by name.
    pub students: Vec<String>,
    /// How much of the two that are least alike is the same, in percent, where each is like another one.
    pub percent: u32,
}

/// All groups of a class, by step.
pub fn groups(results: &Results) -> Vec<Group> {
    let mut steps: BTreeMap<&str, Vec<(&str, &[u32])>> = BTreeMap::new();
    for entry in results.entries.values().filter(|entry| entry.prints.len() >= FEWEST) {
        steps.entry(&entry.step).or_default().push((&entry.student, &entry.prints));
    }
    steps.into_iter().flat_map(|(step, programs)| groups_of(step, &programs)).collect()
}

fn groups_of(step: &str, programs: &[(&str, &[u32])]) -> Vec<Group> {
    // The number of each program's group, and how alike the least alike in it are.
    let mut group: Vec<usize> = (0..programs.len()).collect();
    let mut least = vec![1.0_f64; programs.len()];
    for one in 0..programs.len() {
        for other in 0..one {
            let share = share(programs[one].1, programs[other].1);
            let (into, from) = (group[other], group[one]);
            if share >= SHARE {
                least[into] = least[into].min(least[from]).min(share);
                group
                    .iter_mut()
                    .filter(|number| **number == from)
                    .for_each(|number| *number = into);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (program, number) in programs.iter().zip(&group) {
        groups.entry(*number).or_default().push(program.0.to_string());
    }
    let of_several = groups.into_iter().filter(|(_, students)| students.len() > 1);
    let group = |(number, students): (usize, Vec<String>)| Group {
        step: step.to_string(),
        students,
        percent: (100.0 * least[number]) as u32,
    };
    of_several.map(group).collect()
}

/// The share of the fingerprints of two programs, in order, that both have.
fn share(one: &[u32], other: &[u32]) -> f64 {
    let one: BTreeSet<&u32> = one.iter().collect();
    let other: BTreeSet<&u32> = other.iter().collect();
    one.intersection(&other).count() as f64 / one.union(&other).count().max(1) as f64
}

/// The fingerprints of a program, without those of what the course hands out. None for what is no text,
/// and none where the folder of the course is not there: all who began with its templates would be alike.
pub fn prints(source: &Path, course: Option<&Path>) -> Vec<u32> {
    let Some(course) = course else { return Vec::new() };
    if !fs::metadata(source).is_ok_and(|kind| kind.is_file() && kind.len() <= LARGEST) {
        return Vec::new();
    }
    let ending = source.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let text = fs::read(source).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let handed_out = handed_out(course);
    winnowed(&grams(&text, ending))
        .into_iter()
        .filter(|print| !handed_out.contains(print))
        .collect()
}

/// The numbers of what the course hands out: its programs without what is in their gaps, and the code in its
/// sheets.
fn handed_out(course: &Path) -> &'static HashSet<u32> {
    static ALL: OnceLock<HashSet<u32>> = OnceLock::new();
    ALL.get_or_init(|| {
        let files = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let programs = files(&course.join("src/bin")).map(|entry| entry.path());
        let programs =
            programs.filter_map(|file| Some(without_gaps(&fs::read_to_string(file).ok()?)));
        let sheets = files(&course.join("labs")).map(|entry| entry.path().join("README.md"));
        let sheets = sheets.filter_map(|file| fs::read_to_string(file).ok());
        let blocks = sheets.flat_map(|text| blocks(&text));
        let all = programs.map(|text| ("rs".to_string(), text)).chain(blocks);
        all.flat_map(|(ending, text)| grams(&text, &ending)).collect()
    })
}

/// A program of the course without what stands between `// GAP` and `// END GAP`.
fn without_gaps(text: &str) -> String {
    let mut is_in_gap = false;
    let mut kept = String::new();
    for line in text.lines() {
        is_in_gap |= line.trim_start().starts_with("// GAP ");
        if !is_in_gap {
            kept.push_str(line);
            kept.push('\n');
        }
        is_in_gap &= !line.trim_start().starts_with("// END GAP");
    }
    kept
}

/// The blocks of code of a sheet, with the endings of their languages.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.trim().strip_prefix("```") else { continue };
        let ending = match language {
            "rust" => "rs",
            "python" => "py",
            other => other,
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
        blocks.push((ending.to_string(), block.join("\n")));
    }
    blocks
}

/// The numbers of every [`GRAM`] tokens of a program.
fn grams(text: &str, ending: &str) -> Vec<u32> {
    let number = |tokens: &[String]| {
        let bytes = tokens.iter().flat_map(|token| token.bytes().chain([0]));
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        (hash ^ (hash >> 32)) as u32
    };
    tokens(text, ending).windows(GRAM).map(number).collect()
}

/// The smallest number of each [`WINDOW`], in order and each once.
fn winnowed(grams: &[u32]) -> Vec<u32> {
    let smallest = grams.windows(WINDOW).filter_map(|window| window.iter().min());
    smallest.copied().collect::<BTreeSet<u32>>().into_iter().collect()
}

/// Words that no student chooses: of the languages, and of what is done with sockets.
const WORDS: &str = "\
and as assert async await bool break byte case catch char class const continue def default do double elif else \
enum except extends extern false finally float fn for foreach from function global go goto if impl import in \
include int is lambda let long loop match mod module move mut my new nil none not null or package pass print \
private pub public raise require return self short signed sizeof static std struct sub super switch synchronized \
this throw throws trait true try type typedef undef union unsafe unsigned use using var void volatile while with \
yield u8 u16 u32 u64 usize i32 i64 str string vec option result some ok err unwrap expect box \
accept addr_in af_inet bind bytes close connect decode dial encode exit fork format gethostname getaddrinfo getpeername \
getsockname htonl htons inet_aton inet_ntop inet_pton listen listener main memset ntohl ntohs open pack perror poll \
printf println read recv recv_from recvfrom select send sendall sendto send_to setsockopt set_timeout settimeout \
shutdown sleep sock_dgram sock_stream sockaddr sockaddr_in socket socketserver spawn start struct_pack sys tcplistener \
tcpstream thread threading udpsocket unpack upper write write_all";

/// A program as tokens: names, numbers and texts are one token each, comments and layout are none.
fn tokens(text: &str, ending: &str) -> Vec<String> {
    static KEPT: OnceLock<HashSet<&str>> = OnceLock::new();
    let kept = KEPT.get_or_init(|| WORDS.split_whitespace().collect());
    let has_hashes = matches!(ending, "" | "py" | "sh" | "rb" | "pl");
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let until = |end: &str| rest[1..].find(end).map_or(rest.len(), |at| 1 + at + end.len());
        let mut length = first.len_utf8();
        if first == '#' && has_hashes || rest.starts_with("//") && !has_hashes {
            length = rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") && !has_hashes {
            length = until("*/");
        } else if rest.starts_with("\"\"\"") || rest.starts_with("'''") {
            length = rest[3..].find(&rest[..3]).map_or(rest.len(), |at| at + 6);
            tokens.push("text".into());
        } else if first == '"' || first == '\'' && !is_lifetime(rest, ending) {
            length = length_of_text(rest, first);
            tokens.push("text".into());
        } else if first.is_ascii_digit() {
            length = rest.find(|c| !(is_name(c) || c == '.')).unwrap_or(rest.len());
            tokens.push("number".into());
        } else if is_name(first) {
            length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let word = rest[..length].to_ascii_lowercase();
            tokens.push(if kept.contains(word.as_str()) { word } else { "name".into() });
        } else if !first.is_whitespace() {
            tokens.push(first.into());
        }
        rest = &rest[length..];
    }
    tokens
}

/// The length of a text in quotes, which ends with its line at the latest.
fn length_of_text(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == '\n' || (c == quote && !is_escaped) {
            return at + 1;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    rest.len()
}

/// Whether a quote of Rust begins no character: `'a` in `&'a str`.
fn is_lifetime(rest: &str, ending: &str) -> bool {
    ending == "rs" && rest.chars().nth(1) != Some('\\') && rest.chars().nth(2) != Some('\'')
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::grade::journal::Entry;
    use crate::grade::workplace::Folder;

    fn course() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn right() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/right")
    }

    #[test]
    fn names_numbers_texts_and_layout_make_no_difference() {
        let one =
            "def f(client):  # talk\n    data = client.recv(16)\n    client.sendall(b'x' + data)\n";
        let other =
            "\"\"\"mine\"\"\"\ndef talk(c):\n\n\tgot = c.recv( 1024 )\n\tc.sendall(b\"why\"+got)\n";
        assert_eq!(tokens(one, "py"), tokens(other, "py")[1..]);
        assert_ne!(tokens(one, "py"), tokens(&one.replace("sendall", "send"), "py"));
        let rust = "fn f<'a>(x: &'a str) -> char { /* it's */ if x == \"'\" { '\\'' } else { 'y' } } // 'z";
        let texts = tokens(rust, "rs").iter().filter(|token| *token == "text").count();
        assert_eq!(texts, 3, "{:?}", tokens(rust, "rs"));
    }

    /// What winnowing promises: whatever is long enough and in both is found.
    #[test]
    fn a_common_part_that_is_long_enough_leaves_a_fingerprint_in_both() {
        let part = "while (n = recv(fd, buffer, size, 0)) > 0 { send(fd, buffer, n, 0); }";
        assert!(tokens(part, "c").len() >= GRAM + WINDOW - 1);
        let one =
            format!("int f(int a) {{ return a * a - 1; }} {part} static int x[] = {{ 1, 2, 3 }};");
        let other = format!(
            "void g(void) {{ for (;;) if (h()) break; }} {part} char *p = &q->r[0] + (y ? z : 1);"
        );
        let [one, other] = [one, other].map(|text| winnowed(&grams(&text, "c")));
        assert!(one.iter().any(|print| other.contains(print)));
    }

    /// Right programs that different people wrote for one step are not alike; the course's own are nobody's.
    #[test]
    fn programs_of_different_hands_are_not_alike() {
        let mut compared = 0;
        for step in fs::read_dir(right()).unwrap().flatten() {
            let files: Vec<PathBuf> =
                fs::read_dir(step.path()).unwrap().flatten().map(|entry| entry.path()).collect();
            let programs: Vec<_> =
                files.iter().map(|file| (file, prints(file, Some(&course())))).collect();
            for (number, (one, first)) in programs.iter().enumerate() {
                for (other, second) in &programs[..number] {
                    if first.len().min(second.len()) >= FEWEST {
                        compared += 1;
                        let share = share(first, second);
                        assert!(
                            share < SHARE - 0.2,
                            "{} {}: {share}",
                            one.display(),
                            other.display()
                        );
                    }
                }
            }
        }
        assert!(compared > 50, "{compared}");
    }

    #[test]
    fn what_the_course_hands_out_does_not_count() {
        let bin = course().join("src/bin");
        let folder = Folder::new().unwrap();
        for step in ["echo_server", "mandela", "ntp_client_raw", "http_05_receive"] {
            let text = fs::read_to_string(bin.join(format!("{step}.rs"))).unwrap();
            let template = folder.path().join(format!("{step}.rs"));
            fs::write(&template, without_gaps(&text)).unwrap();
            assert_eq!(prints(&template, Some(&course())).len(), 0, "{step}");
            // Where nobody knows what the course hands out, nobody is told to be like another.
            assert!(prints(&bin.join(format!("{step}.rs")), None).is_empty());
        }
    }

    #[test]
    fn copies_are_told_as_a_group() {
        let text = fs::read_to_string(right().join("echo_server/select_loop.c")).unwrap();
        let folder = Folder::new().unwrap();
        let mut results = Results::default();
        let mut add = |student: &str, text: &str| {
            let file = folder.path().join(format!("{student}.c"));
            fs::write(&file, text).unwrap();
            let (student, step) = (student.to_string(), "echo_server".to_string());
            results.add(Entry {
                student,
                step,
                prints: prints(&file, Some(&course())),
                ..Entry::default()
            });
        };
        add("anna", &text);
        add(
            "bob",
            &format!("/* all mine */{}", text.replace("client", "x7").replace("    ", "\t")),
        );
        add("eve", &fs::read_to_string(right().join("echo_server/forks.c")).unwrap());
        let groups = groups(&results);
        assert_eq!(groups.len(), 1, "{groups:?}");
        assert_eq!(
            (groups[0].students.as_slice(), groups[0].percent),
            (&["anna".to_string(), "bob".into()][..], 100)
        );
    }
}
