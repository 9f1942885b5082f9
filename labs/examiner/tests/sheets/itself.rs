//! That the checker finds what is wrong, each time with the place, what was expected and what happened.

use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

use super::compare::{compare, plain};
use super::document::Document;
use super::{days, links, prose, python, quotes, sessions_of};

/// The file of faults, below the folder of the course.
const FAULTS: &str = "labs/examiner/tests/sheets/faults.md";

/// Every test of the checker itself.
pub fn trials(root: &Path) -> Vec<Trial> {
    let test = |name: &str, run: fn()| {
        Trial::test(format!("the_checker::{name}"), move || {
            run();
            Ok::<(), Failed>(())
        })
    };
    let mut trials = vec![
        test("what_may_differ_and_what_may_not", what_may_differ_and_what_may_not),
        test("dots_stand_for_what_is_left_out", dots_stand_for_what_is_left_out),
        test("the_days_are_many_and_of_every_kind", days::the_days_are_many_and_of_every_kind),
        test("a_whole_date_may_be_any_other", days::a_whole_date_may_be_any_other),
        test(
            "a_date_may_be_any_other_wherever_it_is_cut",
            days::a_date_may_be_any_other_wherever_it_is_cut,
        ),
        test(
            "what_is_no_date_is_no_other_where_it_is_cut",
            days::what_is_no_date_is_no_other_where_it_is_cut,
        ),
        test(
            "a_date_in_a_dump_may_be_any_other_wherever_the_dump_ends",
            days::a_date_in_a_dump_may_be_any_other_wherever_the_dump_ends,
        ),
    ];
    for section in sections(root) {
        let slug = links::anchor(&section.headings[0].text).replace('-', "_");
        let root = root.to_path_buf();
        trials.push(Trial::test(format!("the_checker::finds::{slug}"), move || {
            finds(&root, &section)
        }));
    }
    trials
}

/// The sections of the file of faults, each with its lines where they are in the file.
fn sections(root: &Path) -> Vec<Document> {
    let text = fs::read_to_string(root.join(FAULTS)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let mut starts: Vec<usize> =
        (0..lines.len()).filter(|row| lines[*row].starts_with("## ")).collect();
    starts.push(lines.len());
    let section = |pair: &[usize]| {
        let text = "\n".repeat(pair[0]) + &lines[pair[0]..pair[1]].join("\n");
        Document::parse(FAULTS.into(), &text)
    };
    starts.windows(2).map(section).collect()
}

/// What is wrong in a section is what its comments say.
fn finds(root: &Path, section: &Document) -> Result<(), Failed> {
    let mut found: Vec<String> = links::troubles(root, section);
    // A link within the file leads to another section of it.
    found.retain(|trouble| !trouble.contains("the link #"));
    found.extend(prose::troubles(section));
    let (sessions, troubles) = sessions_of(section);
    found.extend(troubles);
    let mut results: Vec<Result<(), Failed>> = Vec::new();
    for block in &section.blocks {
        match block.language.as_str() {
            "rust" => {
                results.push(quotes::check(root, section, block).map(drop).map_err(Failed::from))
            }
            "python" => results.push(python(section, block)),
            _ => {}
        }
    }
    results.extend(sessions.iter().map(|session| super::played(section, session)));
    let failed = results.into_iter().filter_map(Result::err);
    found.extend(failed.filter_map(|failed| failed.message().map(String::from)));
    let found = found.join("\n");
    let comments =
        section.lines.iter().filter_map(|(_, line)| line.trim().strip_prefix("<!-- wrong: "));
    let expected: Vec<&str> = comments.filter_map(|line| line.strip_suffix(" -->")).collect();
    let missing = expected.iter().find(|text| !found.contains(**text));
    match (missing, expected.is_empty() && !found.is_empty()) {
        (None, false) => Ok(()),
        (Some(missing), _) => Err(format!("expected: {missing}\nhappened: {found}").into()),
        (None, true) => Err(format!("expected: nothing wrong\nhappened: {found}").into()),
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(String::from).collect()
}

fn what_may_differ_and_what_may_not() {
    for (one, other) in [
        ("Message from 127.0.0.1 port 51000", "Message from 127.0.0.1 port 40001"),
        ("127.0.0.1:51000  x", "127.0.0.1:33333 x"),
        ("Time: Sat Nov 21 12:13:17 2026", "Time: Mon Jan  5 01:02:03 2027"),
        ("Date: Sat, 21 Nov 2026 12:13:17 GMT", "Date: Mon, 05 Jan 2027 01:02:03 GMT"),
        ("2026-11-21 12:13:17", "2026-11-22 12:13:18"),
        ("Offset: +2.500056 s", "Offset: -1.4 s"),
        ("after 5 s", "after 12.25 ms"),
        ("time 1700000000", "time 2000000000"),
        ("users:((\"a\",pid=7,fd=3))", "users:((\"a\",pid=4711,fd=3))"),
        ("7/python3", "4711/python3"),
        ("a   b", "a b"),
    ] {
        assert_eq!(plain(one), plain(other));
    }
    for (one, other) in [
        ("127.0.0.1:12000", "127.0.0.1:12001"),
        ("127.0.0.1", "127.0.0.2"),
        ("65507 bytes", "65508 bytes"),
        ("echo on 65432", "echo on 65431"),
        ("HTTP/1.1 200 OK", "HTTP/1.0 200 OK"),
        ("HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"),
        ("25/tcp", "53/tcp"),
        ("[::1]:12000", "[::]:12000"),
        ("  indented", "indented"),
        ("version 0.1.0", "version 0.2.0"),
    ] {
        assert_ne!(plain(one), plain(other));
    }
}

fn dots_stand_for_what_is_left_out() {
    let printed = lines("one\ntwo\nthree and four\nfive");
    for good in [
        "one\ntwo\nthree and four\nfive",
        "…\nfive",
        "one\n…",
        "…",
        "one\n…\nthree … four\n…\nfive",
        "o…\ntwo\n…three…\n…",
    ] {
        assert_eq!(compare(&lines(good), &printed), Ok(()), "{good}");
    }
    for (bad, expected) in [
        ("one\nthree and four", 1),
        ("one\n…\nfour", 2),
        ("one\ntwo", 2),
        ("…\nthree … five\n…", 1),
        ("one\ntwo\nthree and four\nfive\nsix", 4),
    ] {
        assert_eq!(compare(&lines(bad), &printed).unwrap_err().expected, expected, "{bad}");
    }
}
