//! Pages for people. Each stands alone: no script, no picture, nothing from elsewhere.

use std::fmt::Write;

use super::{Line, UNCLOSED, alike, file_name, lines, notes, rounded, step_share};
use crate::exam::{Check, Verdict, budget};
use crate::grade::alike::groups;
use crate::grade::journal::Results;
use crate::grade::score::{Course, Total, names};

const STYLE: &str = include_str!("style.css");

/// The index: a matrix of students and checks, which shows at a glance what the class did not
/// understand.
pub fn index(results: &Results, course: &Course) -> String {
    let students: Vec<&str> = names(results).into_iter().collect();
    let all: Vec<Vec<Line>> =
        students.iter().map(|student| lines(results, course, student)).collect();
    let mut page = String::from("<div class=\"matrix\"><table>\n<thead><tr><th></th><th></th>");
    for exam in course.exams() {
        let _ = write!(
            page,
            "<th class=\"step\" colspan=\"{}\">{}</th>",
            exam.checks.len(),
            escaped(exam.step)
        );
    }
    page.push_str("</tr>\n<tr><th>student</th><th>total</th>");
    for exam in course.exams() {
        for (number, check) in exam.checks.iter().enumerate() {
            let class = if number == 0 { " class=\"first\"" } else { "" };
            let _ = write!(
                page,
                "<th{class} title=\"{}\"><span>{}</span></th>",
                escaped(check.expects),
                escaped(check.name)
            );
        }
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (student, lines) in students.iter().zip(&all) {
        let total = course.total(results, student).words(0);
        let _ = write!(
            page,
            "<tr><th><a href=\"{}\">{}</a></th><td class=\"total\">{}</td>",
            escaped(&file_name(student, "html")),
            escaped(student),
            total
        );
        for exam in course.exams() {
            for check in exam.checks {
                let of_step = || lines.iter().filter(|line| line.step == exam.step);
                let line = of_step()
                    .find(|line| line.check.is_some_and(|of| of.name == check.name))
                    .or_else(|| of_step().find(|line| line.check.is_none()));
                page.push_str(&line.map_or_else(|| "<td></td>".to_string(), cell));
            }
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n<tfoot><tr><th>passed</th><td></td>");
    for exam in course.exams() {
        for check in exam.checks {
            let of_check = |line: &&Line| {
                line.step == exam.step && line.check.is_some_and(|of| of.name == check.name)
            };
            let passed = all.iter().flatten().filter(of_check);
            let passed = passed.filter(|line| line.verdict == Verdict::Pass).count();
            let share = 100 * passed / students.len().max(1);
            let _ = write!(
                page,
                "<td class=\"share\" title=\"{passed} of {}\">{share}</td>",
                students.len()
            );
        }
    }
    page.push_str("</tr></tfoot>\n</table></div>\n");
    let legend = "<p>✓ pass &nbsp; + pass, with advice on what is beyond the step &nbsp; ~ fragile: half the points &nbsp; ✗ fail &nbsp; \
                  – not examined, because a check it needs failed &nbsp; ! the examiner's own trouble &nbsp; \
                  ? unstable: two runs differed, and the better one counts &nbsp; \
                  · not handed in or not built. The last row is the share of the class that passed, in percent.</p>\n";
    for student in students {
        for note in notes(results, course, student) {
            let note = escaped(&format!("{student}: {note}"));
            let _ = writeln!(page, "<p class=\"note\">{note}</p>");
        }
    }
    for group in groups(results) {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", escaped(&alike(&group)));
    }
    whole(&heading(course), &format!("{legend}{page}{}", foot(results)))
}

/// The page of one student: each step, and the story of everything that did not pass.
pub fn student(results: &Results, course: &Course, student: &str) -> String {
    let lines = lines(results, course, student);
    let mut page = String::from("<p><a href=\"index.html\">the whole class</a></p>\n");
    let total = match course.total(results, student) {
        Total::Percent(percent) => format!("Total: {percent:.1} %"),
        Total::Nothing => String::new(),
        Total::Incomplete => "Incomplete: the examiner had trouble of its own".into(),
    };
    let _ = writeln!(page, "<p class=\"grade\">{total}</p>");
    for note in notes(results, course, student) {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", escaped(&note));
    }
    for exam in course.exams() {
        let share = step_share(results, course, student, exam.step);
        let share = share.map(|share| format!(" – {share:.0} %")).unwrap_or_default();
        let _ = writeln!(page, "<h2>{}{share}</h2>\n<ul>", escaped(exam.step));
        for line in lines.iter().filter(|line| line.step == exam.step) {
            page.push_str(&item(line));
        }
        page.push_str("</ul>\n");
    }
    whole(&escaped(student), &format!("{page}{}", foot(results)))
}

fn item(line: &Line) -> String {
    let (class, sign) = look(line);
    let what = line.check.map_or_else(
        || escaped(&line.sentence),
        |check| format!("<b>{}</b> {}", escaped(check.name), escaped(check.expects)),
    );
    let points = match line.check.is_some_and(Check::is_beyond) {
        true => "beyond the step".to_string(),
        false => format!("{} of {}", rounded(line.earned), line.of),
    };
    let head = format!("<span class=\"{class}\">{sign}</span> {what} <small>{points}</small>");
    let sentence = if line.check.is_some() { escaped(&line.words()) } else { String::new() };
    if line.story.is_empty() {
        let sentence =
            if sentence.is_empty() { sentence } else { format!("<br><small>{sentence}</small>") };
        return format!("<li>{head}{sentence}</li>\n");
    }
    format!(
        "<li>{head}<details open><summary>{}</summary><pre>{}</pre></details></li>\n",
        if sentence.is_empty() { "What the compiler said" } else { &sentence },
        escaped(line.story)
    )
}

fn cell(line: &Line) -> String {
    let (class, sign) = look(line);
    let words = if line.check.is_some() {
        format!("{}: {}", line.verdict, line.words())
    } else {
        line.sentence.clone().into_owned()
    };
    let unstable = if line.unstable.is_some() { "?" } else { "" };
    format!("<td class=\"{class}\" title=\"{}\">{sign}{unstable}</td>", escaped(&words))
}

/// The class and the sign of a verdict: never the colour alone.
fn look(line: &Line) -> (&'static str, &'static str) {
    match (line.check, line.verdict) {
        (None, _) => ("absent", "·"),
        (_, Verdict::Pass) => ("pass", "✓"),
        (_, Verdict::Beyond) => ("beyond", "+"),
        (_, Verdict::Fragile) => ("fragile", "~"),
        (_, Verdict::Fail) => ("fail", "✗"),
        (_, Verdict::Skipped) => ("skipped", "–"),
        (_, Verdict::Error) => ("error", "!"),
    }
}

fn heading(course: &Course) -> String {
    if course.title.is_empty() { "socket-labs: the class".into() } else { escaped(&course.title) }
}

/// What the whole page is under: the seed, and that the machines were not closed.
fn foot(results: &Results) -> String {
    let unclosed =
        if results.unclosed { format!("<p>This was {UNCLOSED}.</p>\n") } else { String::new() };
    format!(
        "{unclosed}<p><small>{} Seed {}: the same seed gives the same examination.</small></p>\n",
        budget::words(!results.unclosed),
        results.seed
    )
}

fn whole(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

/// Text within HTML, and within an attribute in double quotes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}
