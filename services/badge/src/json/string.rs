//! Strings: unescaped, and only what is a sequence of Unicode scalar values.

use std::borrow::Cow;

use crate::{Code, Refusal};

/// Reads the string whose opening quote is at `open`. Returns it with the offset after its
/// closing quote.
pub(super) fn read(text: &str, open: usize) -> Result<(Cow<'_, str>, usize), Refusal> {
    let bytes = text.as_bytes();
    let mut unescaped: Option<String> = None;
    let mut run = open + 1;
    let mut at = run;
    loop {
        match bytes.get(at) {
            None => return Err(Refusal::at_byte(Code::Syntax, at, "the string does not end")),
            Some(b'"') => {
                let rest = &text[run..at];
                let string = match unescaped {
                    None => Cow::Borrowed(rest),
                    Some(start) => Cow::Owned(start + rest),
                };
                return Ok((string, at + 1));
            }
            Some(b'\\') => {
                let string = unescaped.get_or_insert_with(String::new);
                string.push_str(&text[run..at]);
                let (char, after) = escape(bytes, at)?;
                string.push(char);
                (run, at) = (after, after);
            }
            Some(0..=0x1f) => {
                let why = "a control character in a string is written as an escape";
                return Err(Refusal::at_byte(Code::Syntax, at, why));
            }
            Some(_) => at += 1,
        }
    }
}

/// Reads the escape whose backslash is at `at`. Returns its character and the offset after it.
fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), Refusal> {
    let char = match bytes.get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes, at),
        _ => return Err(Refusal::at_byte(Code::Syntax, at, "JSON has no such escape")),
    };
    Ok((char, at + 2))
}

fn unicode_escape(bytes: &[u8], at: usize) -> Result<(char, usize), Refusal> {
    let lone = Refusal::at_byte(Code::LoneSurrogate, at, "a surrogate without its partner");
    let first = four_digits(bytes, at)?;
    if let Some(char) = char::from_u32(first) {
        return Ok((char, at + 6));
    }
    if first >= 0xdc00 || bytes.get(at + 6..at + 8) != Some(b"\\u") {
        return Err(lone);
    }
    let second = four_digits(bytes, at + 6)?;
    if !(0xdc00..=0xdfff).contains(&second) {
        return Err(lone);
    }
    let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    char::from_u32(point).map(|char| (char, at + 12)).ok_or(lone)
}

/// The four hexadecimal digits after the `\u` at `at`.
fn four_digits(bytes: &[u8], at: usize) -> Result<u32, Refusal> {
    let digits = bytes.get(at + 2..at + 6).unwrap_or_default();
    let unit = digits
        .iter()
        .try_fold(0, |unit, byte| Some(unit * 16 + char::from(*byte).to_digit(16)?))
        .filter(|_| digits.len() == 4);
    unit.ok_or_else(|| Refusal::at_byte(Code::Syntax, at, "\\u has four hexadecimal digits"))
}
