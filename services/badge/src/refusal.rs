//! Why bytes are refused: a stable code, the place, one sentence.

use std::fmt;

use serde::{Serialize, Serializer};

/// The rule that was broken. Codes are stable: clients and tests compare them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// Longer than [`crate::json::MAX_BYTES`], as given or in its canonical form.
    TooLarge,
    /// More than [`crate::json::MAX_DEPTH`] arrays and objects inside each other.
    TooDeep,
    /// Not valid UTF-8.
    InvalidUtf8,
    /// Not the grammar of RFC 8259.
    Syntax,
    /// Two members of one object have the same name after unescaping.
    DuplicateKey,
    /// An escaped surrogate without its partner.
    LoneSurrogate,
    /// A number whose double is integral and which JavaScript cannot hold exactly.
    UnsafeInteger,
    /// More than 17 significant digits.
    NumberPrecision,
    /// A number beyond the range of a double.
    NumberOverflow,
    /// A number other than zero that would be read as zero.
    NumberUnderflow,
    /// The bytes have no form that a badge has.
    UnknownForm,
    /// A recognised form for which there is no decoder (the detail names it).
    UnsupportedForm,
    /// An object that is nearly a JWS in JSON form; nobody can say what is to be hashed.
    AmbiguousForm,
    /// The top of the JSON text is no object.
    NotAnObject,
    /// JSON of no badge standard.
    NotABadge,
    /// A presentation: present the credential inside it.
    Presentation,
    /// A credential inside a `data:` URL: present the inner token.
    EnvelopedCredential,
    /// A top-level `proof` where none may be left out of the digest.
    ProofNotAllowed,
    /// A declared digest is not 64 lower-case hexadecimal digits.
    BadDigest,
    /// A declared digest names a rule that is unknown or not for declaring.
    BadRule,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 20] = [
        Self::TooLarge,
        Self::TooDeep,
        Self::InvalidUtf8,
        Self::Syntax,
        Self::DuplicateKey,
        Self::LoneSurrogate,
        Self::UnsafeInteger,
        Self::NumberPrecision,
        Self::NumberOverflow,
        Self::NumberUnderflow,
        Self::UnknownForm,
        Self::UnsupportedForm,
        Self::AmbiguousForm,
        Self::NotAnObject,
        Self::NotABadge,
        Self::Presentation,
        Self::EnvelopedCredential,
        Self::ProofNotAllowed,
        Self::BadDigest,
        Self::BadRule,
    ];

    /// The name in documents and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::TooDeep => "too_deep",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::Syntax => "syntax",
            Self::DuplicateKey => "duplicate_key",
            Self::LoneSurrogate => "lone_surrogate",
            Self::UnsafeInteger => "unsafe_integer",
            Self::NumberPrecision => "number_precision",
            Self::NumberOverflow => "number_overflow",
            Self::NumberUnderflow => "number_underflow",
            Self::UnknownForm => "unknown_form",
            Self::UnsupportedForm => "unsupported_form",
            Self::AmbiguousForm => "ambiguous_form",
            Self::NotAnObject => "not_an_object",
            Self::NotABadge => "not_a_badge",
            Self::Presentation => "presentation",
            Self::EnvelopedCredential => "enveloped_credential",
            Self::ProofNotAllowed => "proof_not_allowed",
            Self::BadDigest => "bad_digest",
            Self::BadRule => "bad_rule",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// Bytes before it, counted from the start of the input (a byte-order mark included).
    Byte(usize),
    /// RFC 6901; the empty pointer is the whole document.
    Pointer(String),
}

impl Place {
    pub(crate) fn pointer(text: &str) -> Self {
        Self::Pointer(text.to_owned())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(offset) => write!(f, "byte {offset}"),
            Self::Pointer(pointer) if pointer.is_empty() => f.write_str("the top"),
            Self::Pointer(pointer) => f.write_str(pointer),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Bytes that have no digest, and why. Holds nothing of their content, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code} at {place}: {detail}")]
pub struct Refusal {
    /// The broken rule.
    pub code: Code,
    /// Where it was broken.
    pub place: Place,
    /// One sentence for people.
    pub detail: &'static str,
}

impl Refusal {
    pub(crate) fn at_byte(code: Code, offset: usize, detail: &'static str) -> Self {
        Self { code, place: Place::Byte(offset), detail }
    }

    pub(crate) fn at_pointer(code: Code, pointer: &str, detail: &'static str) -> Self {
        Self { code, place: Place::pointer(pointer), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_words() {
        let names: std::collections::BTreeSet<_> = Code::ALL.map(Code::as_str).into();
        assert_eq!(names.len(), Code::ALL.len());
        for name in names {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b"_8".contains(&b)), "{name}");
        }
    }
}
