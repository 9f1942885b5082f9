//! Medians, ratios, and the table at the end.

use socket_labs::{note, say};

/// What a row says about the ratio of our number to the peer's.
#[derive(Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// A number worth knowing, with no target.
    Told,
}

/// How a number is written.
#[derive(Clone, Copy)]
pub enum Unit {
    PerSecond,
    GigabytesPerSecond,
    Kibibytes,
    Milliseconds,
    Seconds,
}

/// One line of the table.
pub struct Row {
    what: String,
    ours: String,
    peer: String,
    ratio: String,
    target: String,
    verdict: &'static str,
}

impl Row {
    /// A comparison that did not take place.
    pub fn skipped(what: &str, why: &str) -> Row {
        note!("SKIPPED {what}: {why}");
        let (ours, peer) = (String::new(), format!("skipped: {why}"));
        let (ratio, target) = (String::new(), String::new());
        Row { what: what.into(), ours, peer, ratio, target, verdict: "–" }
    }

    /// A number with no peer, beside its limit if it has one.
    pub fn limited(what: &str, ours: &[f64], limit: Option<f64>, unit: Unit) -> Row {
        let ours = median(ours);
        let verdict = match limit {
            Some(limit) if ours <= limit => "met",
            Some(_) => "MISSED",
            None => "",
        };
        let target = limit.map_or(String::new(), |limit| format!("≤ {}", written(limit, unit)));
        let ours = written(ours, unit);
        note!("  {what}: {ours} {verdict}");
        Row { what: what.into(), ours, peer: String::new(), ratio: String::new(), target, verdict }
    }

    /// Ours against a peer: both measured once a round, in turn.
    pub fn compared(
        what: &str,
        ours: &[f64],
        peer_name: &str,
        peers: &[f64],
        unit: Unit,
        target: Target,
    ) -> Row {
        let mut ratios: Vec<f64> = ours.iter().zip(peers).map(|(a, b)| a / b).collect();
        ratios.sort_by(f64::total_cmp);
        let ratio = median(&ratios);
        let (lowest, highest) = (ratios[0], ratios[ratios.len() - 1]);
        let row = Row {
            what: what.into(),
            ours: written(median(ours), unit),
            peer: format!("{peer_name} {}", written(median(peers), unit)),
            ratio: format!("{ratio:.2} ({lowest:.2}–{highest:.2})"),
            target: match target {
                Target::AtLeast(least) => format!("≥ {least}"),
                Target::AtMost(most) => format!("≤ {most}"),
                Target::Told => String::new(),
            },
            // Rounded as it is shown: the third digit is noise.
            verdict: match target {
                Target::AtLeast(least) if (ratio * 100.0).round() >= least * 100.0 => "met",
                Target::AtMost(most) if (ratio * 100.0).round() <= most * 100.0 => "met",
                Target::Told => "",
                _ => "MISSED",
            },
        };
        note!("  {what}: {} {} {} {}", row.ours, row.peer, row.ratio, row.verdict);
        row
    }
}

/// The value in the middle; of an even number, the mean of the two.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

fn written(value: f64, unit: Unit) -> String {
    match unit {
        Unit::PerSecond => format!("{}/s", thousands(value)),
        Unit::GigabytesPerSecond => format!("{:.2} GB/s", value / 1e9),
        Unit::Kibibytes => format!("{value:.1} KiB"),
        Unit::Milliseconds => format!("{:.2} ms", value * 1e3),
        Unit::Seconds => format!("{value:.2} s"),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Prints the table in Markdown.
pub fn print(rows: &[Row]) {
    say!("| what | ours | peer | ratio (lowest–highest) | target | |");
    say!("|---|---|---|---|---|---|");
    for Row { what, ours, peer, ratio, target, verdict } in rows {
        say!("| {what} | {ours} | {peer} | {ratio} | {target} | {verdict} |");
    }
}
