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
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::journal::Results;

/// The tokens that make a fingerprint.
const GRAM: usize = 10;

/// The fingerprints of which one is kept.
const WINDOW: usize = 6;

/// The fingerprints that a program must have to be compared: shorter ones are alike by themselves.
pub const FEWEST: usize = 20;

/// The share of all fingerprints of two programs that both of them have, from which on they are told.
const SHARE: f64 = 0.8;

/// The largest program that is looked at, in bytes.
const LARGEST: usize = 256 * 1024;

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

/// The fingerprints of the sources of a program, without those of what the course hands out. None
/// for what is no text, and none where the folder of the course is not there: all who began with
/// its templates would be alike.
pub fn prints(sources: &[PathBuf], course: Option<&Path>) -> Vec<u32> {
    let Some(course) = course else { return Vec::new() };
    let handed_out = handed_out(course);
    let mut room = LARGEST;
    let mut prints = BTreeSet::new();
    for (text, ending) in sources.iter().filter_map(|source| text_of(source)) {
        let Some(left) = room.checked_sub(text.len()) else { continue };
        room = left;
        prints.extend(winnowed(&grams(&text, &ending)));
    }
    prints.into_iter().filter(|print| !handed_out.contains(print)).collect()
}

/// One sentence, where one of these sources is the course's own program of the step. Of an
/// exercise, what fills the gaps is compared: all the rest is the same in every answer. Nothing is
/// claimed where the folder of the course is not there.
pub fn of_the_course(step: &str, sources: &[PathBuf], course: Option<&Path>) -> Option<String> {
    let course = course?;
    let own = course.join("src/bin").join(format!("{step}.rs"));
    let (text, _) = text_of(&own)?;
    let is_exercise = without_gaps(&text).lines().count() < text.lines().count();
    let prints = |source: &PathBuf| {
        let one = std::slice::from_ref(source);
        let whole = || text_of(source).map(|(text, ending)| winnowed(&grams(&text, &ending)));
        if is_exercise { prints(one, Some(course)) } else { whole().unwrap_or_default() }
    };
    let ours = prints(&own);
    let is_ours = |source: &PathBuf| {
        let is_same =
            |(other, _): (String, String)| other.split_whitespace().eq(text.split_whitespace());
        let theirs = prints(source);
        let is_alike = ours.len().min(theirs.len()) >= FEWEST && share(&ours, &theirs) >= SHARE;
        is_alike || text_of(source).is_some_and(is_same)
    };
    let sentence = || format!("{step}: this is the course's own program, src/bin/{step}.rs");
    sources.iter().any(is_ours).then(sentence)
}

/// The text of a source, and its ending in small letters; `None` where it is too large to be looked
/// at.
fn text_of(source: &Path) -> Option<(String, String)> {
    let kind = fs::metadata(source).ok()?;
    if !(kind.is_file() && kind.len() <= LARGEST as u64) {
        return None;
    }
    let ending = source.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let text = fs::read(source).ok()?;
    Some((String::from_utf8_lossy(&text).into_owned(), ending.to_ascii_lowercase()))
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

/// The words of each language, by its endings, and its types and constants for sockets. Large and
/// small letters count: `Err` is a word, and `err` a name. All other languages have the words of
/// all.
const WORDS: &[(&[&str], &str)] = &[
    (
        &["py"],
        "False None True and as assert async await break class continue def del elif else except \
         finally for from global if import in is lambda nonlocal not or pass raise return try \
         while with yield",
    ),
    (
        &["rs"],
        "as async await break const continue crate dyn else enum extern false fn for if impl in \
         let loop match mod move mut pub ref return self Self static struct super trait true type \
         unsafe use where while bool char f64 i8 i16 i32 i64 isize str u8 u16 u32 u64 usize Box \
         Err None Ok Option Result Some String Vec TcpListener TcpStream UdpSocket",
    ),
    (
        &["c", "h", "cc", "cpp", "cxx"],
        "auto bool break case catch char class const continue default define delete do double \
         else enum extern false float for goto if include inline int long namespace new nullptr \
         private public return short signed size_t sizeof ssize_t static struct switch template \
         this throw true try typedef uint16_t uint32_t uint8_t union unsigned using void volatile \
         while sockaddr sockaddr_in sockaddr_storage addrinfo socklen_t NULL",
    ),
    (
        &["java"],
        "abstract boolean break byte case catch char class const continue default do double else \
         extends false final finally float for if implements import int interface long new null \
         package private protected public return short static super switch synchronized this \
         throw throws true try var void while String ServerSocket Socket DatagramSocket \
         DatagramPacket InetAddress Thread",
    ),
    (
        &["go"],
        "break case chan const continue default defer else false for func go goto if import \
         interface map nil package range return select struct switch true type var bool byte \
         error int string",
    ),
    (
        &["js", "mjs", "cjs"],
        "async await break case catch class const continue default delete do else export extends \
         false finally for function if import in instanceof let new null of return static switch \
         this throw true try typeof undefined var void while yield",
    ),
];

/// Constants of sockets, in any language.
const CONSTANTS: &str = "\
AF_INET AF_INET6 AF_UNSPEC INADDR_ANY INADDR_LOOPBACK IPPROTO_IPV6 IPV6_V6ONLY SHUT_RD SHUT_RDWR \
SHUT_WR SOCK_DGRAM SOCK_STREAM SOL_SOCKET SO_BROADCAST SO_RCVTIMEO SO_REUSEADDR";

/// What a language can do without a module. They are kept where they are called.
const BUILT_IN: &str =
    "bytes format int len open panic print println eprintln range str vec write writeln";

/// What is done with sockets. It is kept where it is called: in C, or on something. A function of a
/// student's own may have the same name elsewhere.
const CALLS: &str = "\
accept bind close connect connect_timeout create_connection create_server exit fork freeaddrinfo \
from_be_bytes getaddrinfo gethostbyname gethostname getnameinfo getpeername getservbyport \
getsockname htonl htons inet_addr inet_aton inet_ntoa inet_ntop inet_pton listen local_addr \
makefile memset ntohl ntohs peer_addr perror poll printf pthread_create read read_exact \
read_line read_to_end readline recv recv_from recv_into recvfrom select send send_to sendall \
sendto set_nonblocking set_read_timeout setsockopt settimeout setblocking shutdown signal sleep \
snprintf socket strerror strlen to_be_bytes waitpid write write_all";

/// The same, where it is called on something.
const METHODS: &str =
    "decode encode flush format incoming join pack spawn start strip unpack unwrap upper";

/// All words that are kept in a language.
struct Kept {
    words: HashSet<&'static str>,
    built_in: HashSet<&'static str>,
    calls: HashSet<&'static str>,
    methods: HashSet<&'static str>,
    /// Whether a call of a library is like one of a function of one's own.
    has_bare_calls: bool,
}

impl Kept {
    fn of(ending: &str) -> Kept {
        let is_known = WORDS.iter().any(|(endings, _)| endings.contains(&ending));
        let is_its = |endings: &[&str]| !is_known || endings.contains(&ending);
        let words = WORDS.iter().filter(|(endings, _)| is_its(endings)).map(|(_, words)| *words);
        let set = |words: &'static str| words.split_whitespace();
        Kept {
            words: words.chain([CONSTANTS]).flat_map(set).collect(),
            built_in: set(BUILT_IN).collect(),
            calls: set(CALLS).collect(),
            methods: set(METHODS).collect(),
            has_bare_calls: !matches!(ending, "py" | "rs" | "java" | "go" | "js" | "mjs" | "cjs"),
        }
    }

    /// Whether a word means the same in every program; `before` is the token in front of it.
    fn has(&self, word: &str, before: Option<&String>, rest: &str) -> bool {
        let is_called = || rest.trim_start().starts_with(['(', '!']);
        let is_of_something = || before.is_some_and(|token| matches!(&**token, "." | ":" | ">"));
        let is_call = self.built_in.contains(word)
            || (self.calls.contains(word) && (self.has_bare_calls || is_of_something()))
            || (self.methods.contains(word) && is_of_something());
        self.words.contains(word) || (is_call && is_called())
    }
}

/// A program as tokens: names, numbers and texts are one token each, comments and layout are none,
/// and neither is what ends a statement, which some languages can do without.
fn tokens(text: &str, ending: &str) -> Vec<String> {
    let kept = Kept::of(ending);
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
            let word = &rest[..length];
            let is_kept = kept.has(word, tokens.last(), &rest[length..]);
            tokens.push(if is_kept { word.into() } else { "name".into() });
        } else if !first.is_whitespace() && first != ';' {
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
    use super::*;
    use crate::grade::journal::Entry;
    use crate::grade::workplace::Folder;

    fn course() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn right() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/right")
    }

    fn prints_of(file: &Path) -> Vec<u32> {
        prints(&[file.to_path_buf()], Some(&course()))
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
        if !crate::has_answers() {
            return;
        }
        let mut compared = 0;
        for step in fs::read_dir(right()).unwrap().flatten() {
            let files: Vec<PathBuf> =
                fs::read_dir(step.path()).unwrap().flatten().map(|entry| entry.path()).collect();
            let programs: Vec<_> = files.iter().map(|file| (file, prints_of(file))).collect();
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
            assert_eq!(prints_of(&template).len(), 0, "{step}");
            // Where nobody knows what the course hands out, nobody is told to be like another.
            assert!(prints(&[bin.join(format!("{step}.rs"))], None).is_empty());
        }
    }

    /// What a copier changes first: the names, to words that a library has; the ends of lines.
    #[test]
    fn a_copy_with_other_names_and_line_ends_is_found() {
        if !crate::has_answers() {
            return;
        }
        let changed = |file: &str, changes: &[(&str, &str)]| {
            let text = fs::read_to_string(right().join(file)).unwrap();
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let renamed = |text: String, (from, to): &(&str, &str)| {
                let mut copy = String::new();
                let mut rest = text.as_str();
                while let Some(at) = rest.find(from) {
                    let (front, back) = (&rest[..at], &rest[at + from.len()..]);
                    let is_whole = !front.ends_with(is_name) && !back.starts_with(is_name);
                    copy.push_str(front);
                    copy.push_str(if is_whole && !front.ends_with('.') { to } else { from });
                    rest = back;
                }
                copy + rest
            };
            let copy = changes.iter().fold(text.clone(), renamed);
            assert_ne!(copy, text, "{file}");
            [text, copy]
        };
        let cases: [(&str, &[(&str, &str)]); 3] = [
            (
                "echo_server/own_name.py",
                &[
                    ("client", "connect"),
                    ("server", "listener"),
                    ("error", "err"),
                    ("echo", "start"),
                    ("data", "result"),
                ],
            ),
            (
                "echo_server/threads.rs",
                &[
                    ("client", "connect"),
                    ("listener", "socket"),
                    ("error", "err"),
                    ("echo", "start"),
                    ("buffer", "string"),
                    ("length", "result"),
                ],
            ),
            (
                "echo_server/forks.c",
                &[
                    ("serve", "start"),
                    ("client", "result"),
                    ("listener", "string"),
                    ("buffer", "option"),
                ],
            ),
        ];
        for (file, changes) in cases {
            let ending = file.rsplit('.').next().unwrap();
            let [text, copy] = changed(file, changes);
            let copy = if ending == "py" { copy.replace(")\n", ");\n") } else { copy };
            let [one, other] = [text, copy].map(|text| winnowed(&grams(&text, ending)));
            assert!(share(&one, &other) >= 0.9, "{file}: {}", share(&one, &other));
        }
    }

    /// The course's own programs are known as such, with other names and comments too; those of
    /// others and templates are not.
    #[test]
    fn a_program_of_the_course_is_known() {
        if !crate::has_answers() {
            return;
        }
        let folder = Folder::new().unwrap();
        let told = |step: &str, file: PathBuf| of_the_course(step, &[file], Some(&course()));
        for exam in crate::steps::EXAMS {
            let own = course().join(format!("src/bin/{}.rs", exam.step));
            let text = fs::read_to_string(&own).unwrap();
            let sentence = told(exam.step, own.clone()).unwrap();
            assert!(sentence.contains("this is the course's own program"), "{sentence}");
            assert_eq!(of_the_course(exam.step, &[own], None), None, "nobody knows");
            let template = folder.path().join("template.rs");
            let is_exercise = text.contains("// GAP ");
            fs::write(&template, without_gaps(&text)).unwrap();
            assert_eq!(told(exam.step, template).is_some(), !is_exercise, "{}", exam.step);
            for file in fs::read_dir(right().join(exam.step)).into_iter().flatten().flatten() {
                assert_eq!(told(exam.step, file.path()), None, "{}", file.path().display());
            }
        }
        for (step, from, to) in [
            ("echo_server", "client", "guest"),
            ("hostname", "name", "called"),
            ("tcp_client", "//", "// so:"),
        ] {
            let text = fs::read_to_string(course().join(format!("src/bin/{step}.rs"))).unwrap();
            let changed = folder.path().join("changed.rs");
            fs::write(&changed, text.replace(from, to)).unwrap();
            assert!(told(step, changed).is_some(), "{step}");
        }
    }

    #[test]
    fn copies_are_told_as_a_group() {
        if !crate::has_answers() {
            return;
        }
        let text = fs::read_to_string(right().join("echo_server/select_loop.c")).unwrap();
        let folder = Folder::new().unwrap();
        let mut results = Results::default();
        let mut add = |student: &str, text: &str| {
            let file = folder.path().join(format!("{student}.c"));
            fs::write(&file, text).unwrap();
            let (student, step) = (student.to_string(), "echo_server".to_string());
            results.add(Entry { student, step, prints: prints_of(&file), ..Entry::default() });
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
