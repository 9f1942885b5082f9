//! Names as learning platforms give them to the folders and files that they hand out.

use std::collections::BTreeMap;
use std::path::Path;

/// What the name of a folder or file says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The student, as the platform names them.
    pub student: String,
    /// The platform's number of the student, which tells two of one name apart.
    pub number: String,
    /// The student's own name for the file; may be empty for a folder.
    pub file: String,
}

/// What a name of Moodle or Canvas says; `None` for any other name.
pub fn named(name: &str) -> Option<Named> {
    moodle(name).or_else(|| canvas(name))
}

/// `Zoë Kim_4711_assignsubmission_file_`, with the name of the file behind it where no folders were
/// asked for. Text typed on the site is `…_assignsubmission_onlinetext_…`.
fn moodle(name: &str) -> Option<Named> {
    let (front, back) = name.split_once("_assignsubmission_")?;
    let (student, number) = front.rsplit_once('_')?;
    let file = back.split_once('_').map_or("", |(_, file)| file);
    (is_number(number) && !student.is_empty()).then(|| Named {
        student: student.into(),
        number: number.into(),
        file: file.into(),
    })
}

/// `kimzoe_4711_90210_echo_server.py`, or `kimzoe_LATE_4711_90210_…`.
fn canvas(name: &str) -> Option<Named> {
    let parts: Vec<&str> = name.split('_').collect();
    let is_id = |part: &&str| part.len() > 1 && is_number(part);
    let at = (1..parts.len())
        .find(|at| parts[*at..].iter().take(2).filter(|p| is_id(p)).count() == 2)?;
    let front = parts[..at].strip_suffix(&["LATE"]).unwrap_or(&parts[..at]);
    let (student, file) = (front.join("_"), parts[at + 2..].join("_"));
    let number = parts[at].to_string();
    (!student.is_empty() && !file.is_empty()).then_some(Named { student, number, file })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The file of a Gradescope export that says whose the folders `submission_4711` are.
pub const GRADESCOPE: &str = "submission_metadata.yml";

/// The names of those who handed in each folder. It is the part of YAML that the site writes: a folder's
/// key, and below it `:name:` of each submitter.
pub fn gradescope(text: &str) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut folder = None;
    for line in text.lines() {
        if let Some(key) = line.strip_suffix(':').filter(|key| key.starts_with("submission_")) {
            folder = Some(key.to_string());
        }
        let field = line.trim_start().trim_start_matches("- ");
        if let (Some(folder), Some(name)) = (&folder, field.strip_prefix(":name:")) {
            let name = name.trim().trim_matches(['"', '\'']);
            let all = names.entry(folder.clone()).or_default();
            if !all.is_empty() {
                all.push_str(" + ");
            }
            all.push_str(name);
        }
    }
    names
}

/// What stands before the students' names where GitHub Classroom has cloned the class: the name of the
/// assignment. `None` where these folders are no such clones.
pub fn classroom(root: &Path, folders: &[String]) -> Option<String> {
    let are_clones =
        folders.len() > 1 && folders.iter().all(|name| root.join(name).join(".git").exists());
    if !are_clones {
        return None;
    }
    let of_root = root.file_name()?.to_string_lossy().into_owned();
    let assignment = of_root.strip_suffix("-submissions").map(|name| format!("{name}-"));
    let is_before_all = |prefix: &String| {
        folders.iter().all(|name| name.len() > prefix.len() && name.starts_with(prefix.as_str()))
    };
    assignment.filter(is_before_all).or_else(|| {
        let common = |one: &str, other: &str| {
            one.chars()
                .zip(other.chars())
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| a)
                .collect::<String>()
        };
        let common = folders.iter().fold(folders[0].clone(), |prefix, name| common(&prefix, name));
        common.rfind('-').map(|end| common[..=end].to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_platforms_lead_to_students() {
        let say =
            |name: &str| named(name).map(|it| format!("{}|{}|{}", it.student, it.number, it.file));
        for (name, says) in [
            ("Zoë Kim_4711_assignsubmission_file_", "Zoë Kim|4711|"),
            ("Zoë Kim_4711_assignsubmission_file", "Zoë Kim|4711|"),
            ("Zoë Kim_4711_assignsubmission_file_echo_server.py", "Zoë Kim|4711|echo_server.py"),
            (
                "Zoë Kim_4711_assignsubmission_onlinetext_onlinetext.html",
                "Zoë Kim|4711|onlinetext.html",
            ),
            ("Group_A-Kim_7_assignsubmission_file_a.zip", "Group_A-Kim|7|a.zip"),
            ("kimzoe_4711_90210_echo_server-1.py", "kimzoe|4711|echo_server-1.py"),
            ("kimzoe_LATE_4711_90210_server_01_bind.c", "kimzoe|4711|server_01_bind.c"),
            ("team_red_4711_90210_a.zip", "team_red|4711|a.zip"),
        ] {
            assert_eq!(say(name).as_deref(), Some(says), "{name}");
        }
        for name in [
            "anna",
            "server_01_bind.py",
            "student_12",
            "anna_12_34",
            "_1_assignsubmission_file_",
            "lab_1_2_a",
        ] {
            assert_eq!(say(name), None, "{name}");
        }
    }

    #[test]
    fn a_gradescope_export_names_its_students() {
        let text = "---\nsubmission_12:\n  :submitters:\n  - :name: Zoë Kim\n    :sid: '1'\n    :email: zoe@example.org\n\
                    \x20 :created_at: 2026-01-01\nsubmission_13:\n  :submitters:\n  - :name: \"A B\"\n  - :name: C D\n";
        let names = gradescope(text);
        assert_eq!(names["submission_12"], "Zoë Kim");
        assert_eq!(names["submission_13"], "A B + C D");
        assert_eq!(names.len(), 2);
    }
}
