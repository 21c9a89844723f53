//! Why bytes are refused: a stable code, the place, one sentence.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::{Layer, Place};

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
    /// A selective-disclosure JWT (SD-JWT): it has no one digest.
    SelectiveDisclosure,
    /// An image without a badge inside.
    NoBadge,
    /// An image with more than one badge inside, whatever the keywords, elements and kinds.
    SeveralBadges,
    /// An image that holds only the badge's URL; nothing is ever fetched.
    LegacyUrlOnly,
    /// A badge in a compressed PNG chunk (zTXt, or iTXt with its flag set); nothing is inflated.
    CompressedBadge,
    /// A badge in a PNG's tEXt chunk, whose Latin-1 text is read in different ways.
    TextChunk,
    /// Not a PNG file by its structure: chunks, their order, their lengths, the end.
    BadPng,
    /// A PNG chunk's checksum is wrong.
    BadCrc,
    /// Not well-formed XML.
    XmlSyntax,
    /// XML with declarations of its own (an internal DTD subset).
    XmlDtd,
    /// XML with a reference to an entity other than the five predefined ones.
    XmlEntity,
    /// XML that declares another encoding than the UTF-8 it is read in.
    XmlEncoding,
    /// XML with too many tags, attributes or namespaces.
    XmlTooComplex,
    /// An SVG's badge element holds more than one run of text.
    MixedContent,
    /// A JWS with a header or members that RFC 7515 does not allow.
    BadJws,
    /// Not base64url without padding, in its one canonical spelling.
    BadBase64url,
    /// A JWS without a signature (`alg` is `none`, or an empty signature).
    UnsecuredJws,
    /// A JWS whose payload is not base64url (`b64` is `false`, RFC 7797).
    UnencodedPayload,
    /// A JWS with a critical header parameter other than `b64`.
    CriticalHeader,
    /// A declared digest is not 64 lower-case hexadecimal digits.
    BadDigest,
    /// A declared digest names a rule that is unknown or not for declaring.
    BadRule,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 39] = [
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
        Self::SelectiveDisclosure,
        Self::NoBadge,
        Self::SeveralBadges,
        Self::LegacyUrlOnly,
        Self::CompressedBadge,
        Self::TextChunk,
        Self::BadPng,
        Self::BadCrc,
        Self::XmlSyntax,
        Self::XmlDtd,
        Self::XmlEntity,
        Self::XmlEncoding,
        Self::XmlTooComplex,
        Self::MixedContent,
        Self::BadJws,
        Self::BadBase64url,
        Self::UnsecuredJws,
        Self::UnencodedPayload,
        Self::CriticalHeader,
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
            Self::SelectiveDisclosure => "selective_disclosure",
            Self::NoBadge => "no_badge",
            Self::SeveralBadges => "several_badges",
            Self::LegacyUrlOnly => "legacy_url_only",
            Self::CompressedBadge => "compressed_badge",
            Self::TextChunk => "text_chunk",
            Self::BadPng => "bad_png",
            Self::BadCrc => "bad_crc",
            Self::XmlSyntax => "xml_syntax",
            Self::XmlDtd => "xml_dtd",
            Self::XmlEntity => "xml_entity",
            Self::XmlEncoding => "xml_encoding",
            Self::XmlTooComplex => "xml_too_complex",
            Self::MixedContent => "mixed_content",
            Self::BadJws => "bad_jws",
            Self::BadBase64url => "bad_base64url",
            Self::UnsecuredJws => "unsecured_jws",
            Self::UnencodedPayload => "unencoded_payload",
            Self::CriticalHeader => "critical_header",
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

    /// This refusal, seen from around `layer`.
    #[must_use]
    pub(crate) fn within(self, layer: Layer) -> Self {
        Self { place: self.place.within(layer), ..self }
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
            assert!(
                name.bytes().all(|b| b == b'_' || b.is_ascii_lowercase() || b.is_ascii_digit()),
                "{name}"
            );
        }
    }
}
