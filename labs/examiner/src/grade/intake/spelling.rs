//! Which step the name of a file means, however it is spelled.

use std::path::Path;

use crate::steps::EXAMS;

/// What a program is written in, the first choice first where a step is there twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// What `submission.toml` says.
    AsTold,
    /// C.
    C,
    /// C++.
    Cpp,
    /// Rust, with the crates of the course.
    Rust,
    /// A file without an ending, run as it is.
    Itself,
    /// What an interpreter runs: `python3`, `sh`, `node`, `ruby`, `perl`.
    Script(&'static str),
    /// Java, a class with `main` in a file of its name.
    Java,
    /// Go.
    Go,
}

/// The language that an ending stands for.
pub fn language(file: &Path) -> Option<Language> {
    let Some(ending) = file.extension() else { return Some(Language::Itself) };
    Some(match ending.to_str()?.to_ascii_lowercase().as_str() {
        "c" => Language::C,
        "cc" | "cpp" | "cxx" => Language::Cpp,
        "rs" => Language::Rust,
        "py" => Language::Script("python3"),
        "sh" => Language::Script("sh"),
        "js" | "mjs" | "cjs" => Language::Script("node"),
        "rb" => Language::Script("ruby"),
        "pl" => Language::Script("perl"),
        "java" => Language::Java,
        "go" => Language::Go,
        _ => return None,
    })
}

/// The step that a file is the program of: by its own name, or, where that is `main`, by its folder's.
pub fn step_of(file: &Path) -> Option<&'static str> {
    let stem = file.file_stem()?.to_str()?;
    if let Some(step) = spelled(stem) {
        return Some(step);
    }
    if !stem.eq_ignore_ascii_case("main") {
        return None;
    }
    let folders = file.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
    folders.take(2).find(|name| *name != "src").and_then(spelled)
}

/// The step that a name means: `EchoServer`, `echo-server`, `Echo_Server (1)`, `lab6_echo_server`.
fn spelled(name: &str) -> Option<&'static str> {
    let name = plain(name);
    EXAMS.iter().map(|exam| exam.step).find(|step| plain(step) == name)
}

/// A name without what differs from one hand to another: small letters, no separators, no number behind
/// it (a second download, a second upload, a version) nor before it (of the lab), no zeros before numbers.
fn plain(name: &str) -> String {
    let is_letter = |c: char| c.is_alphanumeric();
    let name = name.to_lowercase();
    let mut words: Vec<&str> =
        name.split(|c| !is_letter(c)).filter(|word| !word.is_empty()).collect();
    while let [front @ .., last] = words.as_slice() {
        let number = last.trim_start_matches('v');
        let is_copy = matches!(*last, "copy" | "kopie" | "copie" | "copia" | "final");
        if front.is_empty() || !(is_copy || is_number(number)) {
            break;
        }
        words.pop();
    }
    while let [first, back @ ..] = words.as_slice() {
        if back.is_empty()
            || !(is_number(first)
                || first.strip_prefix("lab").is_some_and(|n| n.is_empty() || is_number(n)))
        {
            break;
        }
        words.remove(0);
    }
    let text: String = words.concat();
    let text = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut plain = String::new();
    for c in text.chars() {
        // 01 and 1 are one number.
        if c != '0' || plain.ends_with(|c: char| c.is_ascii_digit()) {
            plain.push(c);
        }
    }
    plain
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_known_however_it_is_spelled() {
        let step = |file: &str| step_of(Path::new(file));
        for file in [
            "echo_server.py",
            "EchoServer.py",
            "echo-server.py",
            "Echo_Server (1).PY",
            "ECHO SERVER.c",
            "echoserver.rs",
            "echo_server-2.py",
            "echo_server - Copy.py",
            "echo_server_v2.py",
            "lab6_echo_server.py",
            "06 - Echo Server.py",
            "echo_server",
            "echo.server.py",
            "echo_server/main.py",
            "EchoServer/src/main.rs",
        ] {
            assert_eq!(step(file), Some("echo_server"), "{file}");
        }
        assert_eq!(step("Server_05_Threads.java"), Some("server_05_threads"));
        assert_eq!(step("server5threads.c"), Some("server_05_threads"));
        assert_eq!(step("HTTP-01 socket.py"), Some("http_01_socket"));
        assert_eq!(step("UDPEchoServer.py"), Some("udp_echo_server"));
        for file in [
            "server.py",
            "main.py",
            "echo.py",
            "my_echo_server_helper.py",
            "lab6.py",
            "6.py",
            "README",
        ] {
            assert_eq!(step(file), None, "{file}");
        }
    }

    /// No two steps look the same, and each is found by its own name.
    #[test]
    fn every_step_is_known_by_its_own_name() {
        for exam in EXAMS {
            assert_eq!(spelled(exam.step), Some(exam.step));
            assert_eq!(spelled(&exam.step.replace('_', "").to_uppercase()), Some(exam.step));
        }
    }
}
