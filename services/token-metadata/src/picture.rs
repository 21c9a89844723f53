//! The picture of a badge whose issuer gave none, and of one that no longer stands.

use askama::Template;
use domain::Level;
use proof::TokenId;

use crate::document::plain_name;
use crate::lines::break_lines;
use crate::rosette::{Rosette, rosette};
use crate::{Standing, TokenFacts, issuer_shown};

/// Columns of a line of the name.
const NAME_COLUMNS: usize = 22;
const NAME_LINES: usize = 3;
const ISSUER_COLUMNS: usize = 44;
/// Between two lines of the name, in units of the picture.
const LINE_HEIGHT: i32 = 58;
/// Where the name has its middle.
const NAME_MIDDLE: i32 = 687;

/// Colours of a level: light, middle, dark, and the ground behind.
struct Palette {
    light: &'static str,
    middle: &'static str,
    dark: &'static str,
    ground: &'static str,
    deep: &'static str,
}

const fn palette(level: Option<Level>) -> Palette {
    match level {
        Some(Level::Bronze) => Palette {
            light: "#f6d7b0",
            middle: "#c58247",
            dark: "#7d4a1e",
            ground: "#2b1d16",
            deep: "#150e0a",
        },
        Some(Level::Silver) => Palette {
            light: "#f7fafc",
            middle: "#b3bfcb",
            dark: "#66737f",
            ground: "#1f2933",
            deep: "#0e1419",
        },
        Some(Level::Gold) => Palette {
            light: "#fff2bf",
            middle: "#e3b23c",
            dark: "#8f640c",
            ground: "#2c2410",
            deep: "#151007",
        },
        None => Palette {
            light: "#dbe7ff",
            middle: "#7f9fd9",
            dark: "#39558c",
            ground: "#16213d",
            deep: "#0a1020",
        },
    }
}

/// A line of text and where it stands.
struct Line {
    y: i32,
    text: String,
}

#[derive(Template)]
#[template(path = "badge.svg")]
struct Badge {
    title: String,
    palette: Palette,
    rosette: Rosette,
    name: Vec<Line>,
    issuer: String,
    level: Option<&'static str>,
    /// Across the picture: what is wrong with the token.
    band: Option<&'static str>,
    note: &'static str,
    number: String,
}

impl Badge {
    fn to_svg(&self) -> String {
        self.render().expect("writing to a string cannot fail")
    }
}

/// An SVG of 1000 × 1000 units: name, issuer, level, state, and a pattern of the id.
#[must_use]
pub fn picture(facts: &TokenFacts<'_>) -> String {
    let level = facts.metadata.and_then(|metadata| metadata.level);
    let name = in_xml(plain_name(facts));
    let id = hex_of(facts.id);
    Badge {
        name: centred(&name),
        title: name,
        palette: palette(level),
        rosette: pattern(facts.id.0),
        issuer: facts.issuer.map_or_else(String::new, |issuer| one_line(&issuer_shown(issuer))),
        level: level.map(Level::name),
        band: match facts.standing {
            Standing::Revoked(_) => Some("REVOKED · 취소됨"),
            Standing::Burned => Some("BURNED · 소각됨"),
            Standing::Pending | Standing::Valid => None,
        },
        note: match (facts.issuer, facts.standing) {
            (None, _) => "RECORD ERASED · 기록 삭제됨",
            (Some(_), Standing::Pending) => "NOT FINAL YET · 확정 대기",
            (Some(_), _) => "ANCHORED ON CHAIN · 블록체인 등록",
        },
        number: format!("{}…{}", &id[..8], &id[id.len() - 8..]),
    }
    .to_svg()
}

/// The picture of a collection.
pub(crate) fn collection_picture(title: &str, volume: i32) -> String {
    let mut seed = [0x5a_u8; 32];
    for (at, byte) in title.bytes().enumerate() {
        seed[at % 32] = seed[at % 32].rotate_left(3) ^ byte;
    }
    Badge {
        title: title.to_owned(),
        palette: palette(None),
        rosette: pattern(seed),
        name: centred(title),
        issuer: String::new(),
        level: None,
        band: None,
        note: "DIGITAL BADGES · 디지털 배지",
        number: format!("volume {volume}"),
    }
    .to_svg()
}

fn pattern(seed: [u8; 32]) -> Rosette {
    rosette(seed, (500.0, 330.0), 120.0, 235.0)
}

fn hex_of(id: TokenId) -> String {
    proof::Hash(id.0).to_string()
}

/// Without the two characters that no XML 1.0 document may hold (control characters are refused at
/// intake).
fn in_xml(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn one_line(text: &str) -> String {
    break_lines(text, ISSUER_COLUMNS, 1).concat()
}

/// The lines of a name around their middle.
fn centred(name: &str) -> Vec<Line> {
    let lines = break_lines(name, NAME_COLUMNS, NAME_LINES);
    let above = (lines.len() as i32 - 1) * LINE_HEIGHT / 2;
    let y = |at: usize| NAME_MIDDLE - above + at as i32 * LINE_HEIGHT;
    lines.into_iter().enumerate().map(|(at, text)| Line { y: y(at), text }).collect()
}
