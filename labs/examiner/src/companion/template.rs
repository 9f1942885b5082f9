//! A student's copy of a program: the reference with every gap emptied.
//!
//! A gap is a whole function body:
//!
//! ```text
//! // GAP 1: what is to be written here
//! …
//! // END GAP
//! ```

use examiner::catalogue::Step;

/// The student's copy of this reference: each body between its `// GAP N: …` lines and `// END GAP`
/// becomes `todo!("GAP N")`. It compiles without warnings. `None` where a gap has no end.
pub fn template(reference: &str, step: &Step, labs: &str) -> Option<String> {
    let name = step.name;
    let run = format!("cargo run --bin {name}");
    let own_run = format!("cargo run -p answers --bin {name}");
    let notice = format!(
        "// Your own copy: write each gap in place of its todo!, then: {labs} check {name}\n\
         // Stuck? {labs} hint {name}\n\
         {ALLOW} // as long as there are gaps\n"
    );
    emptied(reference, &notice, "", |line| line.replace(&run, &own_run))
}

/// The program of a step as it is handed out: without the bodies of its gaps, and without what
/// `removed` leaves out. One that has neither stays as it is. `None` where a gap has no end.
pub fn without_solutions(
    reference: &str,
    step: &str,
    removed: impl Fn(&str) -> String,
) -> Option<String> {
    let notice = format!("{ALLOW} // the gaps are yours to write\n");
    let yours = format!(". Yours: cargo run -p answers --bin {step}");
    let add_notice = |text: &str| emptied(text, &notice, &yours, str::to_string);
    if reference.contains(END) {
        return Some(removed(&add_notice(reference)?));
    }
    let copy = removed(reference);
    if copy == reference { Some(copy) } else { add_notice(&copy) }
}

/// What lets a program with gaps compile without warnings.
const ALLOW: &str = "#![allow(unused)]";

/// The reference with its gaps emptied, a notice behind its header, and each line of the header
/// changed. Who runs into a gap is told its number, and `more`.
fn emptied(
    reference: &str,
    notice: &str,
    more: &str,
    header: impl Fn(&str) -> String,
) -> Option<String> {
    let mut copy = String::new();
    let mut in_header = true;
    let mut lines = reference.lines().peekable();
    while let Some(line) = lines.next() {
        if in_header && !line.starts_with("//!") {
            in_header = false;
            copy += &format!("\n{notice}");
        }
        match gap(line) {
            Some(number) => {
                push(&mut copy, line);
                while let Some(comment) = lines.next_if(|line| line.trim().starts_with("//")) {
                    push(&mut copy, comment);
                }
                let indent = &line[..line.len() - line.trim_start().len()];
                push(&mut copy, &format!("{indent}todo!(\"GAP {number}{more}\")"));
                // In a copy that was handed out, nothing else stands here.
                if lines.next_if(|body| is_empty(body)).is_none() {
                    lines.find(|line| line.trim() == END)?;
                }
            }
            None if in_header => push(&mut copy, &header(line)),
            // The notice of a copy that was handed out: there is another one.
            None if line.starts_with(ALLOW) => {
                lines.next_if(|line| line.is_empty());
            }
            None => push(&mut copy, line),
        }
    }
    Some(copy)
}

const END: &str = "// END GAP";

fn gap(line: &str) -> Option<&str> {
    Some(line.trim_start().strip_prefix("// GAP ")?.split_once(':')?.0)
}

fn is_empty(body: &str) -> bool {
    body.trim_start().starts_with("todo!(\"GAP ")
}

fn push(copy: &mut String, line: &str) {
    copy.push_str(line);
    copy.push('\n');
}

/// The gaps that still have their `todo!`, `GAP 1` or `as in udp_client`, each with the number of its
/// line.
pub fn gaps(answer: &str) -> Vec<(String, usize)> {
    let todo = |(i, line): (usize, &str)| {
        let (words, _) = line.trim_start().strip_prefix("todo!(\"")?.split_once('"')?;
        Some((name_of_gap(words).to_string(), i + 1))
    };
    answer.lines().enumerate().filter_map(todo).collect()
}

/// The name in the words of a `todo!`: `GAP 1. Yours: …` and `as in udp_client: …` say more.
fn name_of_gap(words: &str) -> &str {
    words.split(['.', ':']).next().unwrap_or(words)
}

/// Whether this file is the course's whole program: in a copy that was handed out, every gap is
/// empty.
pub fn is_whole(reference: &str) -> bool {
    reference.contains(END)
}

#[cfg(test)]
mod tests {
    use super::*;
    use examiner::catalogue;

    const REFERENCE: &str = "\
//! echo_server: does a thing.
//!
//! Run:   cargo run --bin echo_server
//! Then:  cargo run --bin echo_client

use std::io;

fn echo() -> u8 {
    // GAP 1: give back a number. It has
    // eight bits.
    let number = 7; // not a gap: // END GAP
    number
    // END GAP
}
";

    #[test]
    fn a_gap_keeps_its_task_and_loses_its_body() {
        let step = catalogue::step("echo_server").unwrap();
        let expected = "\
//! echo_server: does a thing.
//!
//! Run:   cargo run -p answers --bin echo_server
//! Then:  cargo run --bin echo_client

// Your own copy: write each gap in place of its todo!, then: labs check echo_server
// Stuck? labs hint echo_server
#![allow(unused)] // as long as there are gaps

use std::io;

fn echo() -> u8 {
    // GAP 1: give back a number. It has
    // eight bits.
    todo!(\"GAP 1\")
}
";
        let copy = template(REFERENCE, step, "labs").unwrap();
        assert_eq!(copy, expected);
        assert_eq!(gaps(&copy), [("GAP 1".to_string(), 15)]);
        let again = template(&copy, step, "labs").unwrap();
        assert!(again.ends_with("    todo!(\"GAP 1\")\n}\n"), "{again}");
        assert!(is_whole(REFERENCE) && !is_whole(&copy));
        assert!(gaps(REFERENCE).is_empty());

        let handed_out = without_solutions(REFERENCE, "echo_server", str::to_string).unwrap();
        assert!(!is_whole(&handed_out) && !handed_out.contains("let number"), "{handed_out}");
        let told = "todo!(\"GAP 1. Yours: cargo run -p answers --bin echo_server\")";
        assert!(handed_out.contains(told) && gaps(&handed_out)[0].0 == "GAP 1", "{handed_out}");
        assert_eq!(template(&handed_out, step, "labs").unwrap(), expected);
    }

    #[test]
    fn a_gap_without_an_end_is_no_template() {
        let step = catalogue::step("echo_server").unwrap();
        let endless = "fn f() {\n    // GAP 1: x\n    1\n}\n";
        assert_eq!(template(endless, step, "labs"), None);
        assert_eq!(
            without_solutions(endless, "echo_server", str::to_string).as_deref(),
            Some(endless),
            "no gap of ours"
        );
    }
}
