//! The map of the course, as `cargo run` prints it.

use std::fmt::Write;

use examiner::catalogue::{FIRST, LABS, Lab};

/// The whole map: every lab, every step and its command. No line is longer than 80 columns.
pub fn map() -> String {
    let mut map = String::from(
        "socket-labs: understand sockets by reading, running and writing small programs\n",
    );
    for lab in LABS {
        map.push('\n');
        map.push_str(&part(lab));
    }
    let first = LABS.iter().flat_map(|lab| lab.steps).find(|step| step.name == FIRST);
    let first = first.map(|step| step.command()).unwrap_or_default();
    let _ = write!(
        map,
        "\n* a step that you also write yourself\n\
         A server and its client each want a terminal; Ctrl-C ends a server.\n\
         Every program explains itself: cargo run --bin udp_server -- --help\n\
         \n\
         Start here: {first}\n"
    );
    map
}

/// One lab. Writing to a String cannot fail.
fn part(lab: &Lab) -> String {
    let mut part = format!("Lab {}  {}\n", lab.number, lab.title);
    for step in lab.steps {
        let star = if step.exercise { '*' } else { ' ' };
        let _ = writeln!(part, "  {star} {:18}  {}", step.name, step.teaches);
        let _ = writeln!(part, "      {}", step.command());
    }
    part
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
            assert_eq!(open, closed, "{}: every gap is opened and closed", step.name);
        }
    }

    #[test]
    fn the_map_fits_a_terminal_of_80_columns_and_names_every_step_once() {
        let map = map();
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
