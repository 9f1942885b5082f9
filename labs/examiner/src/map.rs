//! The map of the course, as `cargo run` prints it: every step, how far the student is, and the one
//! next thing to do.

use std::fmt::Write;

use examiner::catalogue::{self, FIRST, LABS, Lab, Step};

use crate::companion::{Progress, Screen, Standing, labs, next_exercise, questions_of};

/// The whole map: every lab, every step and its command. No line is longer than 80 columns.
pub fn map(progress: &Progress, screen: &Screen) -> String {
    let mut map = String::from(
        "socket-labs: understand sockets by reading, running and writing small programs\n",
    );
    for lab in LABS {
        map.push('\n');
        map.push_str(&part(lab, progress, screen));
    }
    let labs = labs();
    let _ = write!(
        map,
        "\n* you also write this one: {labs} start STEP, then {labs} check\n\
         ~ begun, {} passed\n\
         A server and its client each want a terminal; Ctrl-C ends a server.\n\
         Every program explains itself: cargo run --bin udp_server -- --help\n\
         What happens if …? Predict it, and see: {labs} ask\n\
         \n\
         {}\n",
        screen.green("✓"),
        screen.bold(&next_thing(progress))
    );
    map
}

/// One lab. Writing to a String cannot fail.
fn part(lab: &Lab, progress: &Progress, screen: &Screen) -> String {
    let mut part = format!("{}\n", head(lab, progress, screen));
    for step in lab.steps {
        let standing = progress.of(step);
        let _ = writeln!(
            part,
            "  {} {:18}  {}",
            mark(step, &standing, screen),
            step.name,
            step.teaches
        );
        let points = match standing.points {
            Some((got, of)) if !standing.passed => format!("{got} of {of} points"),
            _ => String::new(),
        };
        let line = format!("      {:52}  {points}", step.command());
        let _ = writeln!(part, "{}", line.trim_end());
    }
    part
}

/// The title of a lab, and how many of its questions were answered right, where it has any.
fn head(lab: &Lab, progress: &Progress, screen: &Screen) -> String {
    let head = format!("Lab {}  {}", lab.number, lab.title);
    let width = 60_usize.saturating_sub(head.chars().count());
    match questions_of(progress, lab.number) {
        (_, 0) => screen.bold(&head),
        (right, number) => {
            let questions = screen.dim(&format!("questions {right} of {number}"));
            format!("{}{:width$}{questions}", screen.bold(&head), "")
        }
    }
}

fn mark(step: &Step, standing: &Standing, screen: &Screen) -> String {
    match step.exercise {
        _ if standing.passed => screen.green("✓"),
        _ if standing.started => screen.yellow("~"),
        true => "*".into(),
        false => " ".into(),
    }
}

/// The one next thing: to go on with what was begun, or to begin with what comes then.
fn next_thing(progress: &Progress) -> String {
    let last = progress.last();
    if let Some(step) = last.filter(|step| !progress.of(step).passed) {
        return match progress.of(step).points {
            Some((got, of)) => {
                format!("Go on with {}, {got} of {of} points: {} check", step.name, labs())
            }
            None => format!("Write labs/answers/src/bin/{}.rs, then: {} check", step.name, labs()),
        };
    }
    let has_begun = catalogue::steps().any(|step| progress.of(step) != Standing::default());
    match next_exercise(last, progress) {
        _ if !has_begun => {
            let first = catalogue::step(FIRST).map(Step::command).unwrap_or_default();
            format!("Start here: {first}")
        }
        Some(step) => format!("Next: {} start {}", labs(), step.name),
        None => "You have written every program of the course.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    fn programs() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/bin");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_string()).collect()
    }

    #[test]
    fn every_program_is_a_step_and_every_step_a_program() {
        let names: Vec<_> =
            LABS.iter().flat_map(|lab| lab.steps).map(|step| step.name.to_string()).collect();
        assert_eq!(names.iter().cloned().collect::<BTreeSet<_>>(), programs());
        assert_eq!(names.len(), programs().len(), "a step stands in the catalogue twice");
    }

    #[test]
    fn the_exercises_are_the_programs_with_gaps() {
        for step in LABS.iter().flat_map(|lab| lab.steps) {
            let file = format!("../../src/bin/{}.rs", step.name);
            let text =
                fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            assert_eq!(text.contains("// GAP 1: "), step.exercise, "{}", step.name);
            let (open, closed) =
                (text.matches("// GAP ").count(), text.matches("// END GAP").count());
            // In a copy that was handed out the gaps are empty, and need no end.
            let empty = text.matches("todo!(\"GAP ").count();
            assert_eq!(open, closed + empty, "{}: every gap is opened and closed", step.name);
        }
    }

    #[test]
    fn the_map_fits_a_terminal_of_80_columns_and_names_every_step_once() {
        let map = map(&Progress::default(), &Screen::new());
        let longest = map.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(longest.chars().count() <= 80, "{longest}");
        for step in LABS.iter().flat_map(|lab| lab.steps) {
            let line = format!("      {}\n", step.command());
            assert_eq!(map.matches(&line).count(), 1, "{line}");
        }
    }

    #[test]
    fn the_labs_are_numbered_from_0() {
        for (i, lab) in LABS.iter().enumerate() {
            assert_eq!(usize::from(lab.number), i);
        }
    }
}
