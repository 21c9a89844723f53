//! Strict JSON: the part of I-JSON (RFC 7493) that every implementation reads alike, so that two
//! readers of one text never hash two things.
//!
//! Bounded: memory is a fixed multiple of the input's length, which is at most [`MAX_BYTES`], and
//! recursion is at most [`MAX_DEPTH`].

mod number;
mod parser;
pub(crate) mod spans;
mod string;
mod value;

pub use value::Value;

use crate::{Code, Refusal};

/// Longest JSON text in bytes, as given and in its canonical form.
pub const MAX_BYTES: usize = 1 << 20;
/// Most arrays and objects inside each other.
pub const MAX_DEPTH: usize = 64;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads one JSON text of any top-level type; one UTF-8 byte-order mark before it is skipped.
///
/// # Errors
/// `too_large`, `invalid_utf8`, `syntax`, `too_deep`, `duplicate_key`, `lone_surrogate`,
/// `unsafe_integer`, `number_precision`, `number_overflow`, `number_underflow`; the place is a
/// byte offset.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::at_byte(Code::TooLarge, MAX_BYTES, "JSON has at most 1 MiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Refusal::at_byte(Code::InvalidUtf8, error.valid_up_to(), "the text is not valid UTF-8")
    })?;
    let start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    parser::Parser::new(text, start).document()
}
