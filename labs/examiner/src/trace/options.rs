//! `setsockopt` and `getsockopt` in words.

use super::parts::{after, number, timeval};
use super::row::{Direction, Group};
use super::socket::Stage;
use super::words::{Said, Telling};

/// `setsockopt(socket 3, SO_REUSEADDR, on)`.
pub fn set(telling: &mut Telling) -> Said {
    let (option, value) = (name(telling.argument(2)), telling.argument(3));
    let words = match option {
        "SO_RCVTIMEO" | "SO_SNDTIMEO" => timeval(value).map(seconds),
        "SO_LINGER" => after(value, "l_onoff=").and_then(number).map(|on| {
            let time = after(value, "l_linger=").and_then(number).unwrap_or(0);
            if on == 0 { "off".to_string() } else { format!("on, {time} s") }
        }),
        _ => None,
    };
    if option == "SO_LINGER" && telling.value() == Some(0) {
        let resets = words.as_deref() == Some("on, 0 s");
        telling.known().into_iter().for_each(|socket| socket.resets = resets);
    }
    let words = words.unwrap_or_else(|| plain(option, value));
    let arguments = format!("{}, {option}, {words}", telling.name());
    Said::new("setsockopt", arguments, telling.result(""))
}

/// `getsockopt(socket 3, SO_ERROR) = no error`. Only this one is part of a lesson: it tells how a
/// connection attempt ended that was not waited for.
pub fn get(telling: &mut Telling) -> Said {
    let (option, value) = (name(telling.argument(2)), telling.argument(3));
    let inside = value.trim_matches(['[', ']']);
    let arguments = format!("{}, {option}", telling.name());
    if option != "SO_ERROR" {
        let said = Said::new("getsockopt", arguments, telling.result(plain(option, value)));
        return said.of(Group::Housekeeping);
    }
    let is_under_way =
        telling.known().is_some_and(|socket| socket.is_tcp() && socket.stage == Stage::Connecting);
    if is_under_way && telling.value() == Some(0) {
        ended(telling, inside);
    }
    let well = if inside == "0" { "no error" } else { inside };
    Said::new("getsockopt", arguments, telling.result(well))
}

/// A connection attempt has ended like this.
fn ended(telling: &mut Telling, error: &str) {
    let stage = if error == "0" { Stage::Connected } else { Stage::Apart };
    telling.known().into_iter().for_each(|socket| socket.stage = stage);
    match error {
        "0" => telling.sign(Direction::In, "SYN, ACK"),
        "ECONNREFUSED" => telling.sign(Direction::In, "RST"),
        _ => {}
    }
}

/// The name of an option; the kernel has two of some.
fn name(option: &str) -> &str {
    option.strip_suffix("_OLD").or(option.strip_suffix("_NEW")).unwrap_or(option)
}

/// Options that are on or off.
const SWITCHES: &[&str] = &[
    "SO_REUSEADDR",
    "SO_REUSEPORT",
    "SO_KEEPALIVE",
    "SO_BROADCAST",
    "SO_OOBINLINE",
    "TCP_NODELAY",
    "TCP_CORK",
    "TCP_QUICKACK",
    "IPV6_V6ONLY",
    "IP_RECVERR",
    "IPV6_RECVERR",
    "IP_PKTINFO",
];

fn plain(option: &str, value: &str) -> String {
    match value.trim_matches(['[', ']']) {
        "0" if SWITCHES.contains(&option) => "off".into(),
        "1" if SWITCHES.contains(&option) => "on".into(),
        value => value.chars().take(40).collect(),
    }
}

/// `5 s`, `0.25 s`; 0 is for ever. The last thousandths of a longer time tell nothing.
pub fn seconds(seconds: f64) -> String {
    let text = match seconds {
        0.0 => return "no limit".into(),
        seconds if seconds < 1.0 => format!("{seconds:.3}"),
        seconds => format!("{seconds:.2}"),
    };
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}
