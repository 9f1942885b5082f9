//! A block of Rust is a quotation: it stands in a file of `src/` as it is.
//!
//! - Its lines stand there one below the other. The same indentation may be taken from all of them.
//! - A line `// …` stands for any number of lines that are left out.
//! - The file is linked above the block.
//! - None of it stands between `// GAP` and `// END GAP`: students get that emptied.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::document::{Block, Document};
use super::links::sources_before;

/// Proves one quotation. `Ok` is where it stands.
pub fn check(root: &Path, document: &Document, block: &Block) -> Result<String, String> {
    let at = document.at(block.line);
    let linked = sources_before(root, document, block.line);
    if linked.is_empty() {
        return Err(format!("{at}: no file of src/ is linked above this quotation"));
    }
    if block.lines.iter().all(|line| line.trim().is_empty() || is_ellipsis(line)) {
        return Err(format!("{at}: this quotation is empty"));
    }
    let mut best = Miss { matched: 0, place: String::new() };
    let mut in_gap = None;
    for path in &linked {
        let text =
            fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        match find(&text, &block.lines) {
            Ok(found) => match found.in_gap {
                None => return Ok(format!("{path}:{}", found.line)),
                Some(line) => in_gap = in_gap.or(Some(format!("{path}:{line}"))),
            },
            Err(miss) if miss.matched > best.matched => {
                best = Miss { place: format!("{path}:{}", miss.place), ..miss };
            }
            Err(_) => {}
        }
    }
    if let Some(place) = in_gap {
        return Err(format!(
            "{at}: this quotes the answer of an exercise: {place} stands between `// GAP` and `// END GAP`, which students get emptied"
        ));
    }
    Err(miss(document, block, &linked, &best))
}

fn miss(document: &Document, block: &Block, linked: &[String], best: &Miss) -> String {
    let expected = block.lines.get(best.matched).map_or("", String::as_str);
    let at = document.at(block.line + 1 + best.matched);
    let searched: Vec<&str> = linked.iter().take(3).map(String::as_str).collect();
    let happened = match best.matched {
        0 => format!("it is not in {}", searched.join(", ")),
        _ => format!("the lines above it end at {}", best.place),
    };
    format!(
        "{at}: this line is not in the program as quoted\nquoted:   {expected}\nhappened: {happened}"
    )
}

struct Found {
    /// The first line.
    line: usize,
    /// The first line of it that is an answer.
    in_gap: Option<usize>,
}

struct Miss {
    /// How many lines of the quotation were found.
    matched: usize,
    /// The last line that was found, and what comes after it.
    place: String,
}

fn is_ellipsis(line: &str) -> bool {
    matches!(line.trim(), "// …" | "// ...")
}

fn find(text: &str, quote: &[String]) -> Result<Found, Miss> {
    let lines: Vec<&str> = text.lines().collect();
    let mut best = Miss { matched: 0, place: String::new() };
    let mut in_gap = None;
    for indentation in (0..=40).step_by(4) {
        for start in 0..lines.len() {
            match matches_from(&lines, quote, indentation, start) {
                Ok(rows) => {
                    let found = Found { line: start + 1, in_gap: first_in_gap(&lines, &rows) };
                    if found.in_gap.is_none() {
                        return Ok(found);
                    }
                    in_gap.get_or_insert(found);
                }
                Err(miss) if miss.matched > best.matched => best = miss,
                Err(_) => {}
            }
        }
    }
    in_gap.ok_or(best)
}

/// The rows of the text that the quotation shows, if it stands there.
fn matches_from(
    lines: &[&str],
    quote: &[String],
    indentation: usize,
    start: usize,
) -> Result<Vec<usize>, Miss> {
    let mut rows = Vec::new();
    let mut matched = 0;
    for (number, part) in quote.split(|line| is_ellipsis(line)).enumerate() {
        let from = rows.last().map_or(start, |row| row + 1);
        let starts = if number == 0 { from..from + 1 } else { from..lines.len() };
        let length = |start: usize| {
            let pairs = lines[start.min(lines.len())..].iter().zip(part);
            pairs.take_while(|(line, quoted)| is_line(line, quoted, indentation)).count()
        };
        if part.is_empty() {
            matched += 1;
            continue;
        }
        let best = starts.max_by_key(|start| (length(*start), usize::MAX - start)).unwrap_or(from);
        if length(best) < part.len() {
            let next = best + length(best);
            let after = lines.get(next).copied().unwrap_or("(the end of the file)");
            let place = format!("{next}, then comes: {}", after.trim());
            return Err(Miss { matched: matched + length(best), place });
        }
        rows.extend(best..best + part.len());
        matched += part.len() + 1;
    }
    Ok(rows)
}

fn is_line(line: &str, quoted: &str, indentation: usize) -> bool {
    if quoted.trim().is_empty() {
        return line.trim().is_empty();
    }
    line.len() >= indentation
        && line.is_char_boundary(indentation)
        && line[..indentation].trim().is_empty()
        && line[indentation..] == *quoted.trim_end()
}

/// The number of the first of these rows that stands in a gap.
fn first_in_gap(lines: &[&str], rows: &[usize]) -> Option<usize> {
    let mut in_gap = vec![false; lines.len()];
    let mut open = false;
    for (row, line) in lines.iter().map(|line| line.trim()).enumerate() {
        if line == "// END GAP" {
            open = false;
        }
        in_gap[row] = open && !line.starts_with("//") && !line.is_empty();
        if line.starts_with("// GAP ") {
            open = true;
        }
    }
    rows.iter().find(|row| in_gap[**row]).map(|row| row + 1)
}

/// Whether Python 3 can compile a block.
pub fn compiles(document: &Document, block: &Block) -> Result<(), String> {
    let script = "import ast, sys\nast.parse(sys.stdin.read())";
    let mut command = Command::new("python3");
    let piped = command.args(["-c", script]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(|error| format!("python3: {error}"))?;
    let text = block.lines.join("\n") + "\n";
    let written =
        child.stdin.take().map(|mut input| std::io::Write::write_all(&mut input, text.as_bytes()));
    let output = child.wait_with_output().map_err(|error| format!("python3: {error}"))?;
    if output.status.success() && matches!(written, Some(Ok(()))) {
        return Ok(());
    }
    let error = String::from_utf8_lossy(&output.stderr);
    let row = error
        .lines()
        .filter_map(|line| line.trim().strip_prefix("File \"<unknown>\", line "))
        .next_back();
    let row: usize = row.and_then(|row| row.parse().ok()).unwrap_or(1);
    let quoted = block.lines.get(row - 1).map_or("", String::as_str);
    let last = error.lines().last().unwrap_or_default();
    Err(format!(
        "{}: this is not Python 3\nwritten:  {quoted}\nhappened: {last}",
        document.at(block.line + row)
    ))
}
