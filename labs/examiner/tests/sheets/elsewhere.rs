//! No machine for a session: only Linux has private networks.

use super::Answer;

/// Nothing is asked here.
pub fn enter_if_asked() {}

/// Says why.
pub fn run(_: &str) -> Result<Answer, String> {
    Ok(Answer::NotHere("a session is played on Linux alone".into()))
}
