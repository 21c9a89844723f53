//! What to do about a refused badge.

use crate::Code;

impl Code {
    /// What whoever has the file should do, in one sentence for people.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::NoBadge
            | Self::LegacyUrlOnly
            | Self::SeveralBadges
            | Self::CompressedBadge
            | Self::TextChunk
            | Self::MixedContent => {
                "Ask the issuer for the badge's JSON or JWT, or for an image with exactly one \
                 badge inside: this image has none that everybody reads alike."
            }
            Self::BadPng
            | Self::BadCrc
            | Self::XmlSyntax
            | Self::XmlDtd
            | Self::XmlEntity
            | Self::XmlEncoding
            | Self::XmlTooComplex => {
                "Download the image again where the badge was issued, and do not save it with \
                 another program: this file is damaged or was rewritten."
            }
            Self::Presentation | Self::EnvelopedCredential | Self::SelectiveDisclosure => {
                "Present the credential itself as the issuer handed it out, not what a wallet made \
                 around it."
            }
            Self::UnsupportedForm => {
                "Give the badge's own file; a proof document goes beside it, not in its place."
            }
            Self::NotABadge | Self::UnknownForm | Self::NotAnObject => {
                "Give the badge itself: its JSON, its JWT, or the PNG or SVG it was baked into."
            }
            Self::TooLarge | Self::TooDeep => {
                "Ask the issuer for a smaller edition: this badge is beyond what any reader has to \
                 take."
            }
            Self::BadDigest | Self::BadRule => {
                "Send a digest of 64 lower-case hexadecimal digits with the rule it was made by."
            }
            Self::InvalidUtf8
            | Self::Syntax
            | Self::DuplicateKey
            | Self::LoneSurrogate
            | Self::UnsafeInteger
            | Self::NumberPrecision
            | Self::NumberOverflow
            | Self::NumberUnderflow
            | Self::AmbiguousForm
            | Self::ProofNotAllowed
            | Self::BadJws
            | Self::BadBase64url
            | Self::UnsecuredJws
            | Self::UnencodedPayload
            | Self::CriticalHeader => {
                "Get the badge again from where it was issued, and show the issuer this refusal if \
                 it stays: readers would not agree on what the file says."
            }
        }
    }
}
