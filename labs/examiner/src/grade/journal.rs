//! The results file: one line of JSON for each step of each student, written when it is there. An
//! interrupted run loses the line it was at, and no other. One grader at a time writes to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use super::Shard;
use crate::exam::{Report, Verdict, shown_line, shown_text};

/// The result of one step of one student.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The name of the student's folder. Whoever handed it in chose it.
    pub student: String,
    /// The step.
    pub step: String,
    /// Whether there was anything to examine.
    pub handed_in: bool,
    /// What the compiler, or the examiner, said where it could not be built.
    pub build: Option<String>,
    /// The reports of all checks; empty where it was not handed in or not built.
    pub reports: Vec<Report>,
    /// A number that changes with the content of what the student handed in.
    pub content: u64,
    /// Whether that is because too much was handed in.
    #[serde(default)]
    pub too_much: bool,
    /// What is to be known of the hand-in, beside its verdicts.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Where it was not handed in: what there is that was not recognised.
    #[serde(default)]
    pub unrecognised: Vec<String>,
    /// Fingerprints of the program (`grade::alike`).
    #[serde(default)]
    pub prints: Vec<u32>,
}

impl Entry {
    /// Whether the examiner had trouble of its own in a check.
    pub fn has_errors(&self) -> bool {
        self.reports.iter().any(|report| report.verdict == Verdict::Error)
    }
}

/// One run of `labs grade`: what is to be in its results in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What all random choices come from.
    pub seed: u64,
    /// The programs run on machines that are not closed.
    pub unclosed: bool,
    /// Which part of the class it examines, where it is a part.
    pub shard: Option<Shard>,
    /// The names of the whole class, in order.
    pub class: Vec<String>,
    /// The steps that are due.
    pub steps: Vec<String>,
}

impl Run {
    /// The students of its part of the class.
    fn students(&self) -> impl Iterator<Item = &String> {
        let is_ours = |number: &usize| self.shard.is_none_or(|shard| shard.has(*number));
        self.class
            .iter()
            .enumerate()
            .filter(move |(number, _)| is_ours(number))
            .map(|(_, name)| name)
    }
}

impl Entry {
    /// The same result, to be shown to anybody: every text in it is escaped, and bounded. What a
    /// student writes can come back in a compiler's message, in a key of `submission.toml`, in what
    /// a program prints, in the name of a folder.
    pub fn shown(self) -> Entry {
        Entry {
            student: shown_line(&self.student),
            step: shown_line(&self.step),
            build: self.build.map(|said| shown_text(&said)),
            reports: self.reports.into_iter().map(Report::shown).collect(),
            notes: self.notes.iter().map(|note| shown_line(note)).collect(),
            unrecognised: self.unrecognised.iter().map(|name| shown_line(name)).collect(),
            ..self
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first line, and each time that the run was taken up again.
    Run(Run),
    Result(Entry),
}

/// All results so far, by student and step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Results {
    /// What all random choices came from.
    pub seed: u64,
    /// Programs ran on machines that were not closed.
    pub unclosed: bool,
    /// By student and step.
    pub entries: BTreeMap<(String, String), Entry>,
    run: Run,
}

impl Results {
    /// Adds a result, escaped: what is in here goes into every report as it is.
    pub fn add(&mut self, entry: Entry) {
        let entry = entry.shown();
        self.entries.insert((entry.student.clone(), entry.step.clone()), entry);
    }

    /// The results without those of students who were in the class once, and are not any more.
    fn of_the_class(mut self) -> Results {
        let students: BTreeSet<&String> = self.run.students().collect();
        self.entries.retain(|(student, _), _| students.contains(student));
        self
    }

    /// Reads a results file. What an interrupted run has left behind the last whole line is left out.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or another line is not a result.
    pub fn read(file: &Path) -> anyhow::Result<Results> {
        let read = Results::read_whole(file)?.map(|(results, _)| results.of_the_class());
        read.with_context(|| {
            format!("{} is not a results file: it has no first line", file.display())
        })
    }

    /// The results in a file, and how many bytes of it are whole lines; `None` where not even the first
    /// one is whole.
    fn read_whole(file: &Path) -> anyhow::Result<Option<(Results, u64)>> {
        let cannot = || format!("cannot read the results in {}", file.display());
        Results::of_text(&fs::read(file).with_context(cannot)?, file.display())
    }

    /// The same of the text of a file with this name. It is bytes, as what was torn may be in the middle
    /// of a letter.
    ///
    /// # Errors
    ///
    /// A line is not a result, and there is one behind it that is.
    pub fn of_text(
        bytes: &[u8],
        name: impl fmt::Display,
    ) -> anyhow::Result<Option<(Results, u64)>> {
        let (mut results, mut whole, mut torn) = (None::<Results>, 0, None);
        let mut end = 0;
        for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            end += line.len();
            let line = if line.ends_with(b"\n") { serde_json::from_slice(line).ok() } else { None };
            match (line, &mut results) {
                (Some(_), _) if torn.is_some() => {
                    let torn = torn.unwrap_or_default();
                    bail!("{name}: line {torn} is not a result")
                }
                (Some(Line::Run(run)), results) => {
                    let before = results.take().unwrap_or_default();
                    let (seed, unclosed) = (run.seed, run.unclosed);
                    *results = Some(Results { seed, unclosed, run, ..before });
                }
                (Some(Line::Result(entry)), Some(results)) => results.add(entry),
                _ => {
                    torn.get_or_insert(number + 1);
                    continue;
                }
            }
            whole = end;
        }
        if results.is_none() && bytes.first().is_some_and(|first| *first != b'{' && *first != 0) {
            bail!("{name} is not a results file");
        }
        Ok(results.map(|results| (results, whole as u64)))
    }

    /// Puts the results of several shards together.
    ///
    /// # Errors
    ///
    /// Two files have different seeds, classes or steps, or different results for the same step of the
    /// same student; a shard, or a result of one, is missing.
    pub fn merge(parts: Vec<Results>) -> anyhow::Result<Results> {
        let first = parts.first().context("there is nothing to merge")?.run.clone();
        let mut all = Results { seed: first.seed, run: first.clone(), ..Results::default() };
        let mut there = BTreeSet::new();
        for part in parts {
            let (one, other) = (all.seed, part.seed);
            ensure!(one == other, "the parts have different seeds, {one} and {other}");
            ensure!(part.run.class == first.class, "the parts are of different classes");
            ensure!(part.run.steps == first.steps, "the parts have different steps");
            let of = |run: &Run| run.shard.map(Shard::of);
            ensure!(
                of(&part.run) == of(&first),
                "the class was not divided the same way each time"
            );
            part.is_complete()?;
            all.unclosed |= part.unclosed;
            there.extend(part.run.shard.map(Shard::index));
            for (key, entry) in part.entries {
                if let Some(other) = all.entries.get(&key) {
                    ensure!(
                        *other == entry,
                        "{} of {} is in two files, with different results",
                        key.1,
                        key.0
                    );
                }
                all.entries.insert(key, entry);
            }
        }
        let number = first.shard.map_or(0, Shard::of);
        if let Some(missing) = (0..number).find(|index| !there.contains(index)) {
            bail!("the part {}/{number} of the class is missing", missing + 1);
        }
        all.run.shard = None;
        Ok(all)
    }

    /// Whether everybody is there who should be.
    fn is_complete(&self) -> anyhow::Result<()> {
        for student in self.run.students() {
            for step in &self.run.steps {
                let is_there = self.entries.contains_key(&(student.clone(), step.clone()));
                let part =
                    self.run.shard.map(|shard| format!("the part {shard} ")).unwrap_or_default();
                ensure!(
                    is_there,
                    "{part}has no result for {step} of {student}: go on with --resume"
                );
            }
        }
        Ok(())
    }
}

/// The results file while it is written. Nobody else writes to it meanwhile.
pub struct Journal(File);

impl Drop for Journal {
    /// The lock would else live as long as the last copy of the descriptor, and a worker that is just
    /// being started has one until its exec().
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Journal {
    /// Opens the results file: a new one, or behind what an interrupted run has left in it, with its
    /// seed. Without a `seed`, a new run takes any.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written; another grader writes to it; there is one already and it is
    /// not to be resumed; a resumed run has another seed, is another part of the class, or was closed
    /// where this one is not.
    pub fn open(
        file: &Path,
        resume: bool,
        seed: Option<u64>,
        mut run: Run,
    ) -> anyhow::Result<(Journal, Results)> {
        let name = file.display();
        let cannot = || format!("cannot write the results to {name}");
        let is_new = !file.exists();
        ensure!(
            is_new || resume,
            "{name} is there already: --resume goes on with it, --results names another"
        );
        let handle = File::options().create(true).append(true).open(file).with_context(cannot)?;
        is_ours(handle.try_lock(), file)?;
        let mut journal = Journal(handle);
        let (results, whole) = match Results::read_whole(file)? {
            Some((results, whole)) => (Some(results), whole),
            None => (None, 0),
        };
        if let Some(before) = &results {
            let closed = |unclosed: bool| if unclosed { "unclosed" } else { "closed" };
            ensure!(
                before.unclosed == run.unclosed,
                "the run in {name} was {}, and this one is {}",
                closed(before.unclosed),
                closed(run.unclosed)
            );
            ensure!(
                seed.is_none_or(|seed| seed == before.seed),
                "the results in {name} have the seed {}",
                before.seed
            );
            ensure!(
                before.run.shard == run.shard,
                "the results in {name} are of another part of the class"
            );
        }
        run.seed = results.as_ref().map(|before| before.seed).or(seed).unwrap_or_else(any_seed);
        // Behind what is whole, so that the next line begins at its beginning.
        journal.0.set_len(whole).with_context(cannot)?;
        if results.as_ref().is_none_or(|before| before.run != run) {
            journal.line(&Line::Run(run.clone()))?;
        }
        let before = results.unwrap_or_default();
        let results = Results { seed: run.seed, unclosed: run.unclosed, run, ..before };
        Ok((journal, results.of_the_class()))
    }

    /// Writes one result, and waits until the disk has it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&mut self, entry: &Entry) -> anyhow::Result<()> {
        self.line(&Line::Result(entry.clone()))
    }

    fn line(&mut self, line: &Line) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.0
            .write_all(&text)
            .and_then(|()| self.0.sync_data())
            .context("cannot write the results")
    }
}

/// What comes of the lock of a results file. Without one, two graders could write into each other's lines,
/// and neither would know.
fn is_ours(lock: Result<(), TryLockError>, file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    match lock {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => bail!("another grader is writing to {name}"),
        Err(TryLockError::Error(error)) => bail!(
            "{name} is on a file system without locks ({error}): name a file on another one with --results"
        ),
    }
}

/// A short number that a person can type again.
pub fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) % 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::workplace::Folder;

    fn run(shard: Option<&str>) -> Run {
        Run {
            seed: 0,
            unclosed: false,
            shard: shard.map(|shard| shard.parse().unwrap()),
            class: ["anna", "bob", "Zoë"].map(String::from).to_vec(),
            steps: vec!["echo_server".into()],
        }
    }

    fn entry(student: &str) -> Entry {
        Entry { student: student.into(), step: "echo_server".into(), ..Entry::default() }
    }

    /// Whatever a crash has left behind the last whole line is dropped: half a letter, zeros, a part of
    /// a line with and without its end.
    #[test]
    fn any_torn_tail_is_dropped() {
        let folder = Folder::new().unwrap();
        let tails: [&[u8]; 6] = [
            b"",
            b"{\"result\":{\"stu",
            b"{\"result\":{\"student\":\"Zo\xc3",
            &[0; 4096],
            b"{\n",
            b"\0\0\n\xff\n{",
        ];
        for (number, tail) in tails.iter().enumerate() {
            let file = folder.path().join(number.to_string());
            let (mut journal, _) = Journal::open(&file, false, Some(7), run(None)).unwrap();
            journal.write(&entry("anna")).unwrap();
            let _as_in_a_new_worker = journal.0.try_clone().unwrap();
            drop(journal);
            let whole = fs::read(&file).unwrap();
            fs::write(&file, [&whole, *tail].concat()).unwrap();
            let (mut journal, results) = Journal::open(&file, true, None, run(None)).unwrap();
            assert_eq!((results.seed, results.entries.len()), (7, 1), "{tail:?}");
            assert_eq!(fs::read(&file).unwrap(), whole, "{tail:?}");
            journal.write(&entry("bob")).unwrap();
            assert_eq!(Results::read(&file).unwrap().entries.len(), 2);
        }
        // Not even the first line is whole.
        let file = folder.path().join("first");
        for torn in [&b""[..], b"{\"run\":{\"se", &[0; 64]] {
            fs::write(&file, torn).unwrap();
            let (journal, results) = Journal::open(&file, true, Some(9), run(None)).unwrap();
            assert_eq!((results.seed, results.entries.len()), (9, 0));
            drop(journal);
        }
    }

    #[test]
    fn who_is_no_more_in_the_class_has_no_results() {
        let folder = Folder::new().unwrap();
        let file = folder.path().join("results");
        let (mut journal, _) = Journal::open(&file, false, None, run(None)).unwrap();
        ["anna", "bob"].iter().for_each(|student| journal.write(&entry(student)).unwrap());
        drop(journal);
        let students = |results: &Results| {
            results.entries.keys().map(|(student, _)| student.clone()).collect::<Vec<_>>()
        };
        let without_anna = Run { class: vec!["bob".into()], ..run(None) };
        let (journal, results) = Journal::open(&file, true, None, without_anna).unwrap();
        drop(journal);
        assert_eq!(students(&results), ["bob"]);
        assert_eq!(students(&Results::read(&file).unwrap()), ["bob"]);
        // Who comes back is not examined again.
        let (_journal, results) = Journal::open(&file, true, None, run(None)).unwrap();
        assert_eq!(students(&results), ["anna", "bob"]);
    }

    #[test]
    fn what_is_torn_in_the_middle_is_no_results_file() {
        let folder = Folder::new().unwrap();
        let file = folder.path().join("results");
        let (mut journal, _) = Journal::open(&file, false, Some(7), run(None)).unwrap();
        journal.write(&entry("anna")).unwrap();
        drop(journal);
        let whole = fs::read_to_string(&file).unwrap();
        let (first, rest) = whole.split_once('\n').unwrap();
        fs::write(&file, format!("{first}\nnothing\n{rest}")).unwrap();
        assert!(Results::read(&file).unwrap_err().to_string().contains("line 2"));
        fs::write(&file, "student,total\n").unwrap();
        assert!(Journal::open(&file, true, None, run(None)).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "student,total\n", "it was overwritten");
    }

    #[test]
    fn a_second_grader_is_refused() {
        let folder = Folder::new().unwrap();
        let file = folder.path().join("results");
        let (journal, _) = Journal::open(&file, false, None, run(None)).unwrap();
        let second = Journal::open(&file, true, None, run(None));
        assert!(second.err().unwrap().to_string().contains("another grader"));
        drop(journal);
        Journal::open(&file, true, None, run(None)).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_locked_is_not_written_to() {
        let file = Path::new("results.jsonl");
        let without_locks = TryLockError::Error(std::io::ErrorKind::Unsupported.into());
        let said = is_ours(Err(without_locks), file).unwrap_err().to_string();
        assert!(said.contains("without locks") && said.contains("--results"), "{said}");
        assert!(is_ours(Ok(()), file).is_ok());
    }

    #[test]
    fn a_part_that_is_missing_is_not_merged() {
        let folder = Folder::new().unwrap();
        let part = |shard: &str, students: &[&str]| {
            let file = folder.path().join(shard.replace('/', "-"));
            let _ = fs::remove_file(&file);
            let (mut journal, _) = Journal::open(&file, false, Some(7), run(Some(shard))).unwrap();
            students.iter().for_each(|student| journal.write(&entry(student)).unwrap());
            drop(journal);
            Results::read(&file).unwrap()
        };
        let (first, second) = (part("1/2", &["anna", "Zoë"]), part("2/2", &["bob"]));
        let said = |parts: &[&Results]| {
            let parts = parts.iter().map(|part| (*part).clone()).collect();
            Results::merge(parts).map(|all| all.entries.len()).map_err(|error| error.to_string())
        };
        assert_eq!(said(&[&first, &second]), Ok(3));
        assert_eq!(said(&[&second, &first, &first]), Ok(3));
        assert!(said(&[&first]).unwrap_err().contains("2/2"));
        assert!(said(&[&second]).unwrap_err().contains("1/2"));
        let torn = part("1/2", &["anna"]);
        assert!(said(&[&torn, &second]).unwrap_err().contains("Zoë"));
        let other = part("1/3", &["anna"]);
        assert!(said(&[&other, &second]).unwrap_err().contains("divided"));
    }
}
