//! The map of the course, as `cargo run` prints it: every step, how far the student is, and the one
//! next thing to do.

use std::fmt::Write;

use examiner::catalogue::{self, FIRST, LABS, Lab, SHEETS, Step};

use crate::companion::{Checkout, Progress, Screen, Standing, labs, next_exercise, questions_of};

/// The whole map: every lab, every step and its command. No line is longer than 80 columns.
pub fn map(checkout: Option<&Checkout>, progress: &Progress, screen: &Screen) -> String {
    let mut map = String::from(
        "socket-labs: understand sockets by reading, running and writing small programs\n",
    );
    for lab in LABS {
        map.push('\n');
        map.push_str(&part(lab, checkout, progress, screen));
    }
    let labs = labs();
    let _ = write!(
        map,
        "\n* one to write yourself: {labs} start STEP, then {labs} check\n\
         ~ begun, {} passed. Server and client want a terminal each; Ctrl-C ends a server.\n\
         Every program explains itself: cargo run --bin udp_server -- --help\n\
         What happens if …? Predict it, and see: {labs} ask\n\
         \n\
         {}\n\
         {}\n",
        screen.green("✓"),
        sheet(progress),
        screen.bold(&next_thing(progress))
    );
    map
}

/// One lab. Writing to a String cannot fail.
fn part(lab: &Lab, checkout: Option<&Checkout>, progress: &Progress, screen: &Screen) -> String {
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
        let line = format!("      {:52}  {points}", command(step, checkout));
        let _ = writeln!(part, "{}", line.trim_end());
    }
    part
}

/// The command that runs the step. In a copy that was handed out, only the student's own exercise does
/// anything.
fn command(step: &Step, checkout: Option<&Checkout>) -> String {
    let is_whole = checkout.is_none_or(|checkout| checkout.whole_reference(step).is_some());
    if is_whole || !step.exercise { step.command() } else { step.command_of_answer() }
}

/// The title of a lab, and how many of its questions were taken, where it has any.
fn head(lab: &Lab, progress: &Progress, screen: &Screen) -> String {
    let head = format!("Lab {}  {}", lab.number, lab.title);
    let width = 60_usize.saturating_sub(head.chars().count());
    match questions_of(progress, lab.number) {
        (_, 0) => screen.bold(&head),
        (taken, number) => {
            let questions = screen.dim(&format!("questions {taken} of {number}"));
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

/// The step that comes now: the one that was begun, or the first exercise that is open.
fn step_now(progress: &Progress) -> Option<&'static Step> {
    let last = progress.last();
    last.filter(|step| !progress.of(step).passed).or_else(|| next_exercise(last, progress))
}

fn has_begun(progress: &Progress) -> bool {
    catalogue::steps().any(|step| progress.of(step) != Standing::default())
}

/// The sheet to have beside the terminal.
fn sheet(progress: &Progress) -> String {
    match step_now(progress).filter(|_| has_begun(progress)) {
        Some(step) => format!("Sheet: {}", step.sheet()),
        None => format!("Start here: {}. All sheets: {SHEETS}", LABS[0].sheet()),
    }
}

/// The one next thing: to go on with what was begun, or to begin with what comes then.
fn next_thing(progress: &Progress) -> String {
    let Some(step) = step_now(progress) else {
        return "You have written every program of the course.".into();
    };
    if !has_begun(progress) {
        let first = catalogue::step(FIRST).map(Step::command).unwrap_or_default();
        return format!("A first program, at once: {first}");
    }
    let (name, standing) = (step.name, progress.of(step));
    match standing.points {
        _ if progress.last().is_none_or(|last| last.name != name) => {
            format!("Next: {} start {name}", labs())
        }
        Some((got, of)) => format!("Go on with {name}, {got} of {of} points: {} check", labs()),
        None => format!("Write labs/answers/src/bin/{name}.rs, then: {} check", labs()),
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
        let map = map(None, &Progress::default(), &Screen::plain());
        let longest = map.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(longest.chars().count() <= 80, "{longest}");
        for step in LABS.iter().flat_map(|lab| lab.steps) {
            let line = format!("      {}\n", step.command());
            assert_eq!(map.matches(&line).count(), 1, "{line}");
        }
    }

    #[test]
    fn the_labs_are_numbered_from_0_and_so_are_their_folders() {
        for (i, lab) in LABS.iter().enumerate() {
            assert_eq!(usize::from(lab.number), i);
            assert!(lab.folder.starts_with(&format!("0{i}-")), "{}", lab.folder);
        }
    }

    #[test]
    fn every_lab_has_its_sheet_and_every_sheet_its_lab() {
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let entries = fs::read_dir(course.join("labs")).unwrap().map(|entry| entry.unwrap());
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        let is_lab = |name: &String| name.starts_with(|c: char| c.is_ascii_digit());
        let folders: BTreeSet<String> = names.filter(is_lab).collect();
        if folders.is_empty() {
            return; // a copy without the sheets
        }
        assert_eq!(folders, LABS.iter().map(|lab| lab.folder.to_string()).collect());
        for sheet in LABS.iter().map(Lab::sheet).chain([SHEETS.to_string()]) {
            assert!(course.join(&sheet).is_file(), "{sheet}");
        }
    }
}
