//! The lines that `strace -f -ttt -T -yy` writes, as calls.
//!
//! ```text
//! 12    1795263338.711478 connect(3<TCP:[16189008]>, {sa_family=AF_INET, …}, 16) = 0 <0.000125>
//! 7     1795263340.749180 accept4(3<TCP:[127.0.0.1:12000]>,  <unfinished ...>
//! 7     1795263340.749690 <... accept4 resumed> <unfinished ...>) = ?
//! 7     1795263340.749078 --- SIGINT {si_signo=SIGINT, …} ---
//! 12    1795263338.714135 +++ exited with 0 +++
//! ```
//!
//! Source: strace(1). Nothing here trusts the lines: what cannot be read is left out.

use std::collections::BTreeMap;

/// Threads whose unfinished call is remembered. Linux gives a process fewer.
const MOST_THREADS: usize = 65_536;

/// One line, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A system call that has returned, or never will.
    Call(Call),
    /// A signal that came in.
    Signal {
        /// The thread that it came to.
        thread: u32,
        /// When, in microseconds since 1970.
        at: u64,
        /// `SIGINT`.
        name: String,
    },
    /// The end of a thread; that of the last one is the end of the process.
    End {
        /// The thread.
        thread: u32,
        /// When, in microseconds since 1970.
        at: u64,
        /// `exited with 0`, `killed by SIGINT`.
        how: String,
    },
}

/// One system call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The thread that made it.
    pub thread: u32,
    /// When it began, in microseconds since 1970.
    pub at: u64,
    /// How long it lasted, in microseconds; `None` where it never returned.
    pub took: Option<u64>,
    /// Its name, as the kernel has it: `recvfrom`.
    pub name: String,
    /// Its arguments, as strace writes them.
    pub arguments: Vec<String>,
    /// What it returned.
    pub result: Return,
}

/// What a call returned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Return {
    /// The number; `None` where it did not return.
    pub value: Option<i64>,
    /// The number as it stands, with what strace says of a descriptor: `4<TCP:[…]>`.
    pub word: String,
    /// `ECONNREFUSED`, `ERESTARTSYS`.
    pub errno: Option<String>,
    /// The words in parentheses: the text of an errno, the sockets that are ready.
    pub more: String,
}

/// Reads lines, and puts the two halves of a call together that others came between.
#[derive(Debug, Default)]
pub struct Reader {
    unfinished: BTreeMap<u32, (u64, String)>,
}

impl Reader {
    /// Reads a line. `None` where it is only a half, or nothing that is known.
    pub fn read(&mut self, line: &str) -> Option<Line> {
        let (thread, rest) = line.trim_start().split_once(' ')?;
        let thread: u32 = thread.parse().ok()?;
        let (time, rest) = rest.trim_start().split_once(' ')?;
        let at = micros(time)?;
        let rest = rest.trim_start();
        if let Some(signal) = rest.strip_prefix("--- ") {
            let name = signal.split([' ', '-']).next()?.to_string();
            return name.starts_with("SIG").then_some(Line::Signal { thread, at, name });
        }
        if let Some(end) = rest.strip_prefix("+++ ") {
            self.unfinished.remove(&thread);
            let how = end.trim_end_matches([' ', '+']).to_string();
            return Some(Line::End { thread, at, how });
        }
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let (_, second) = resumed.split_once(" resumed>")?;
            let (began, mut first) = self.unfinished.remove(&thread)?;
            first.push_str(second);
            return call(thread, began, &first).map(Line::Call);
        }
        if let Some(half) = rest.strip_suffix("<unfinished ...>") {
            if self.unfinished.len() < MOST_THREADS {
                self.unfinished.insert(thread, (at, half.trim_end().to_string()));
            }
            return None;
        }
        call(thread, at, rest).map(Line::Call)
    }

    /// A thread that is in the middle of making another one, and how: strace may show the new one
    /// before the call that made it has returned.
    pub fn parent(&self) -> Option<(u32, &str)> {
        let makes_one = |text: &str| text.starts_with("clone") || text.contains("fork");
        let found = self.unfinished.iter().find(|(_, (_, text))| makes_one(text));
        found.map(|(thread, (_, text))| (*thread, &text[..]))
    }

    /// The calls that have not returned.
    pub fn rest(&mut self) -> Vec<Call> {
        let rest = std::mem::take(&mut self.unfinished).into_iter();
        rest.filter_map(|(thread, (at, text))| call(thread, at, &(text + ") = ?"))).collect()
    }
}

/// `NAME(ARGUMENT, …) = RESULT <SECONDS>`.
fn call(thread: u32, at: u64, text: &str) -> Option<Call> {
    let open = text.find('(')?;
    let name = &text[..open];
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let (arguments, rest) = arguments(&text[open + 1..])?;
    let rest = rest.trim_start().strip_prefix("= ")?;
    let (rest, took) = match rest.rsplit_once(" <") {
        Some((rest, took)) => match took.strip_suffix('>').and_then(micros) {
            Some(took) => (rest, Some(took)),
            None => (rest, None),
        },
        None => (rest, None),
    };
    Some(Call { thread, at, took, name: name.into(), arguments, result: result(rest.trim()) })
}

/// Splits at the commas that are in no brackets and no quotes, up to the closing parenthesis.
fn arguments(text: &str) -> Option<(Vec<String>, &str)> {
    let bytes = text.as_bytes();
    let (mut parts, mut start, mut depth, mut i) = (Vec::new(), 0, 0usize, 0);
    while i < bytes.len() {
        match bytes[i] {
            b'"' => i = end_of_string(bytes, i)?,
            b'<' if i > 0 && is_descriptor(bytes[i - 1]) => i = end_of_note(bytes, i)?,
            b'(' | b'[' | b'{' => depth += 1,
            b')' if depth == 0 => {
                let last = text[start..i].trim();
                if !last.is_empty() && last != "<unfinished ...>" {
                    parts.push(last.to_string());
                }
                return Some((parts, &text[i + 1..]));
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(text[start..i].trim().to_string());
                start = i + 1;
            }
            _ => {}
        }
        i += 1;
    }
    None
}

/// Whether a `<` behind this letter tells of a descriptor: `3<…>`, `AT_FDCWD<…>`.
fn is_descriptor(before: u8) -> bool {
    before.is_ascii_digit() || before == b'D'
}

/// The closing quote of a string that opens here.
fn end_of_string(bytes: &[u8], open: usize) -> Option<usize> {
    let mut i = open + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 1,
            b'"' => return Some(i),
            _ => {}
        }
        i += 1;
    }
    None
}

/// The closing `>` of what is said of a descriptor. Within it, strace writes `<` and `>` of a path
/// as escapes; an address has an arrow, `->`.
fn end_of_note(bytes: &[u8], open: usize) -> Option<usize> {
    let (mut depth, mut i) = (0usize, open);
    while i < bytes.len() {
        match bytes[i] {
            b'<' => depth += 1,
            b'>' if bytes[i - 1] == b'-'
                && matches!(bytes.get(i + 1), Some(b'[' | b'0'..=b'9')) => {}
            b'>' => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
        i += 1;
    }
    None
}

fn result(text: &str) -> Return {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let number = word.split_once('<').map_or(word, |(number, _)| number);
    let value = match number.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    };
    let (errno, rest) = match rest.split_once(' ') {
        Some((name, rest)) if name.starts_with('E') => (Some(name.to_string()), rest),
        None if rest.starts_with('E') => (Some(rest.to_string()), ""),
        _ => (None, rest),
    };
    let more = rest.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    Return { value, word: word.into(), errno, more: more.unwrap_or_default().into() }
}

/// Microseconds of `1795263338.711478`.
fn micros(text: &str) -> Option<u64> {
    let (seconds, fraction) = text.split_once('.')?;
    let fraction: u64 = (fraction.len() == 6).then(|| fraction.parse().ok())??;
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(fraction)
}
