//! What a client of a web server asks, and the answer that it gets.

use socket_labs::http::{Body, HttpError, Response};

use crate::exam::scene::Server;
use crate::exam::tcp::{Conn, capital};
use crate::exam::transcript::count;
use crate::exam::{Outcome, Scene, Way, wrong};

/// The most bytes of an answer.
pub const MOST: usize = 16 << 20;

/// An answer of the server.
pub struct Answer {
    who: String,
    response: Response,
    /// Its body, without the marks of its chunks.
    pub body: Vec<u8>,
}

impl Answer {
    /// It has this status.
    ///
    /// # Errors
    ///
    /// [`Way::WrongField`].
    pub fn has_status(&self, status: u16) -> Outcome {
        let came = self.response.status;
        if came == status {
            return Ok(());
        }
        let who = capital(&self.who);
        Err(wrong(Way::WrongField, format!("{who} got the status {came}, and not {status}.")))
    }

    /// It has this status and this body.
    ///
    /// # Errors
    ///
    /// [`Way::WrongField`], [`Way::Different`].
    pub fn is(&self, status: u16, body: &[u8]) -> Outcome {
        self.has_status(status)?;
        if self.body == body {
            return Ok(());
        }
        let sentence = format!("The body that {} got is not the file.", self.who);
        Err(wrong(Way::Different, sentence).with_bytes(body, &self.body))
    }

    /// A header field, in small letters.
    pub fn field(&self, name: &str) -> Option<String> {
        self.response.headers.get(name).map(|value| String::from_utf8_lossy(value).to_lowercase())
    }
}

/// The next client gets what is at this target.
///
/// # Errors
///
/// As [`ask`].
pub fn get(scene: &mut Scene, server: &Server, target: &str) -> Outcome<Answer> {
    ask(scene, server, "GET", &request("GET", target))
}

/// A request that is the last one of its connection.
pub fn request(method: &str, target: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
}

/// The next client sends these bytes and receives the answer to its end.
///
/// # Errors
///
/// As [`answer`]; [`Way::Refused`].
pub fn ask(scene: &mut Scene, server: &Server, method: &str, request: &str) -> Outcome<Answer> {
    let client = scene.connect(server)?;
    client.send(request.as_bytes())?;
    answer(&client, method)
}

/// Receives an answer, which is the last one of its connection.
///
/// # Errors
///
/// [`Way::Silent`], [`Way::Closed`], [`Way::NotClosed`], [`Way::Reset`], and those of [`understood`].
pub fn answer(client: &Conn, method: &str) -> Outcome<Answer> {
    let first = client.read(64 * 1024)?;
    if first.is_empty() {
        let sentence = format!("The program closed the connection of {} unanswered.", client.who());
        return Err(wrong(Way::Closed, sentence));
    }
    let rest = client.receive_to_end(MOST)?;
    understood(client, method, &[first, rest].concat())
}

/// Takes an answer apart.
///
/// # Errors
///
/// [`Way::Different`], where it is not HTTP; [`Way::Missing`] and [`Way::Extra`], where the body is
/// not as long as its head says.
pub fn understood(client: &Conn, method: &str, bytes: &[u8]) -> Outcome<Answer> {
    let who = client.who().to_string();
    let not_http = |why: &str| {
        let sentence = format!("What {who} got is no answer of HTTP: {why}.");
        wrong(Way::Different, sentence).with_bytes(b"HTTP/1.1 ", &bytes[..bytes.len().min(64)])
    };
    let (response, length) = match Response::parse(bytes) {
        Ok(Some(found)) => found,
        Ok(None) => return Err(not_http("its head has no end")),
        Err(error) => return Err(not_http(&error.to_string())),
    };
    let mut rest = &bytes[length..];
    if method == "HEAD" && !rest.is_empty() {
        let sentence = format!("{} asked for the head, and got a body too.", capital(&who));
        return Err(wrong(Way::Extra, sentence).with_bytes(b"", rest));
    }
    let body = body_of(&response, method, &mut rest).map_err(|error| {
        wrong(Way::Missing, format!("The body that {who} got is not whole: {error}."))
    })?;
    if !rest.is_empty() {
        let more = count(rest.len(), "byte");
        let sentence = format!("{more} came behind the end of the answer to {who}.");
        return Err(wrong(Way::Extra, sentence).with_bytes(b"", rest));
    }
    Ok(Answer { who, response, body })
}

/// The body at the start of these bytes; they are what is behind it then.
///
/// # Errors
///
/// It is not whole.
pub fn body_of(response: &Response, method: &str, rest: &mut &[u8]) -> Result<Vec<u8>, HttpError> {
    let mut body = Body::new(response.framing(method)?);
    let mut all = Vec::new();
    while let Some(content) = body.next(rest)? {
        all.extend_from_slice(content);
    }
    if !body.is_complete() {
        body.end()?;
    }
    Ok(all)
}
