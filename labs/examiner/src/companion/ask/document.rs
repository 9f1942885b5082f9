//! All of one question as a JSON document, and what the screen is made of.

use examiner::ask::{Choice, Observation, Stopped};
use serde::Serialize;

use super::Asked;

/// One question, with what was predicted and what was seen.
#[derive(Serialize)]
pub struct Document {
    pub question: u8,
    pub key: &'static str,
    pub lab: u8,
    pub step: &'static str,
    pub sheet: &'static str,
    pub asks: &'static str,
    pub answers: Vec<Answer>,
    /// The answer of the course.
    pub taught: char,
    /// The answer that this machine showed; none where it could not, or showed something else.
    pub seen: Option<char>,
    pub predicted: Option<char>,
    /// Whether the prediction was right; none where there was none.
    pub was_right: Option<bool>,
    pub observation: Observation,
    pub explanation: &'static [&'static str],
    pub elsewhere: &'static str,
}

/// An answer to choose from.
#[derive(Serialize)]
pub struct Answer {
    pub letter: char,
    pub text: &'static str,
}

impl Document {
    /// Right is what this machine showed. Where it could not, or showed something that is no answer
    /// here, it is what the course says.
    pub fn new(asked: Asked, predicted: Option<char>, observation: Observation) -> Document {
        let question = asked.question;
        let shown = question.true_ones(&observation);
        let seen = match observation.stopped {
            Some(_) => None,
            None if shown.contains(&question.right) => Some(question.right),
            None => shown.first().copied(),
        };
        let right = seen.unwrap_or(question.right);
        let answer = |(letter, choice): (char, &Choice)| Answer { letter, text: choice.text };
        Document {
            question: asked.number,
            key: asked.key,
            lab: asked.lab,
            step: question.step,
            sheet: asked.sheet(),
            asks: question.asks,
            answers: question.letters().zip(question.choices).map(answer).collect(),
            taught: question.right,
            seen,
            predicted,
            was_right: predicted.map(|letter| letter == right),
            observation,
            explanation: question.explanation,
            elsewhere: question.elsewhere,
        }
    }

    /// What an answer says.
    pub fn text(&self, letter: char) -> &'static str {
        self.answers.iter().find(|answer| answer.letter == letter).map_or("", |answer| answer.text)
    }

    /// Why the experiment did not come to its end.
    pub fn stopped(&self) -> Option<&Stopped> {
        self.observation.stopped.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::super::all;
    use super::*;
    use examiner::ask::Fact;

    fn refused() -> Asked {
        all().into_iter().find(|asked| asked.key == "tcp_client_first").unwrap()
    }

    fn seen(facts: &[(&str, &str)]) -> Observation {
        let fact =
            |(name, value): &(&str, &str)| Fact { name: (*name).into(), value: (*value).into() };
        Observation { facts: facts.iter().map(fact).collect(), ..Observation::default() }
    }

    #[test]
    fn what_this_machine_shows_is_right_and_not_what_the_course_says() {
        let timed_out = || seen(&[("connect() with no server", "timed out")]);
        let document = Document::new(refused(), Some('b'), timed_out());
        assert_eq!(
            (document.taught, document.seen, document.was_right),
            ('c', Some('b'), Some(true))
        );
        assert_eq!(Document::new(refused(), Some('c'), timed_out()).was_right, Some(false));
    }

    #[test]
    fn what_cannot_be_seen_is_as_the_course_says() {
        let stopped = Some(Stopped::CannotRun("no network".into()));
        for observation in [seen(&[]), Observation { stopped, ..seen(&[]) }] {
            let document = Document::new(refused(), Some('c'), observation);
            assert_eq!((document.seen, document.was_right), (None, Some(true)));
        }
        assert_eq!(Document::new(refused(), None, seen(&[])).was_right, None);
    }
}
