//! A proof document into the badge that it is about, and out again (`services/proof/FORMAT.md`,
//! section 13). What is hashed and what an issuer signed stay as they are, byte for byte.

mod json;
mod jws;
mod png;
mod svg;

use std::ops::Range;

use proof::{ComputeError, EmbeddedError, NotEmbeddable, ProofDocument};

use crate::svg::parse as parse_xml;
use crate::{Badge, Code, Form, Image, Refusal, form};

/// Most proofs in one badge that a new one replaces; a badge that was not made to hurt has one.
const MAX_REPLACED: usize = 64;

/// Why a badge and a proof did not become one file. Holds nothing of their content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// The badge is refused, or would be with the proof in it (`too_large`).
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The proof's digest is not the badge's.
    #[error("the proof is of another badge: its digest is not the presented badge's")]
    AnotherBadge,
    /// Nothing to embed yet, or a document that contradicts itself.
    #[error(transparent)]
    Proof(#[from] NotEmbeddable),
    /// A form of which every byte is hashed.
    #[error(
        "the digest of this form covers the whole object, so a proof inside would change it; keep \
         the proof document beside the badge, or embed it in the baked PNG or SVG of this badge"
    )]
    ChangesDigest,
    /// A compact JWS has no place that is not signed.
    #[error(
        "every part of a compact JWS is signed; keep the proof document beside the badge, or embed \
         it in the baked PNG or SVG, or in the JSON form of this JWS"
    )]
    BreaksSignature,
    /// The carrier leaves no room that its own reader then finds again.
    #[error("the proof has no place in this file ({0}); keep the proof document beside the badge")]
    NoPlace(&'static str),
}

/// Why a badge's embedded proof was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// The badge itself is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody can say which one counts.
    #[error("the badge holds more than one embedded proof")]
    Several,
    /// Its place is there, but not as this crate fills it.
    #[error("the embedded proof is refused: {0}")]
    Carrier(&'static str),
    /// There is one, and it is no proof document.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
}

impl EmbedError {
    const TOO_MANY: Self = Self::NoPlace("more than 64 embedded proofs are in it already");

    /// Every code beside those of [`crate::Code`].
    pub const CODES: [&str; 6] = [
        "proof_of_another_badge",
        "proof_not_anchored",
        "proof_inconsistent",
        "embedding_changes_digest",
        "embedding_breaks_signature",
        "no_place_for_proof",
    ];

    /// The stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code.as_str(),
            Self::AnotherBadge => "proof_of_another_badge",
            Self::Proof(
                NotEmbeddable::Compute(ComputeError::Pending) | NotEmbeddable::NoAnchor,
            ) => "proof_not_anchored",
            Self::Proof(
                NotEmbeddable::Compute(ComputeError::Inclusion(_))
                | NotEmbeddable::Receipt(_)
                | NotEmbeddable::Token(_),
            ) => "proof_inconsistent",
            Self::ChangesDigest => "embedding_changes_digest",
            Self::BreaksSignature => "embedding_breaks_signature",
            Self::NoPlace(_) => "no_place_for_proof",
        }
    }
}

impl ExtractError {
    /// The stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code.as_str(),
            Self::Several => "several_embedded_proofs",
            Self::Carrier(_) | Self::Embedded(_) => "embedded_proof_refused",
        }
    }
}

/// The badge in the form it came in, with the proof in it; one that was there is replaced. All
/// bytes beside it are kept, except that a single `proof` becomes a list.
///
/// That the proof is of this badge is checked: digest and rule, its path, its receipt. Whether it
/// is anchored, and whether the issuer is the badge's own, is the verifier's question.
///
/// # Errors
/// Each [`EmbedError`].
pub fn embed(badge: &[u8], proof: &ProofDocument) -> Result<Vec<u8>, EmbedError> {
    let read = crate::read(badge)?;
    if (read.rule, read.digest) != (proof.badge.rule, proof.badge.digest) {
        return Err(EmbedError::AnotherBadge);
    }
    proof.check_embeddable()?;
    let with_proof = in_its_form(badge, &read, proof)?;
    // whatever a carrier's reader may think of the new part: this is what counts
    let again = crate::read(&with_proof).map_err(|refusal| match refusal.code {
        Code::TooLarge => refusal.into(),
        // the badge itself was read: it is the place that is wrong
        _ => EmbedError::NoPlace("the badge would not be read again"),
    })?;
    if again.digest != read.digest {
        return Err(EmbedError::NoPlace("the badge would be another one"));
    }
    match extract(&with_proof) {
        Ok(Some(found)) if found == *proof => Ok(with_proof),
        Ok(_) | Err(_) => Err(EmbedError::NoPlace("the proof would not be found again")),
    }
}

fn in_its_form(badge: &[u8], read: &Badge, proof: &ProofDocument) -> Result<Vec<u8>, EmbedError> {
    match (read.form.image, read.form.credential) {
        (Some(Image::Png), _) => png::with_proof(badge, proof),
        (Some(Image::Svg), _) => {
            let text = text(badge)?;
            Ok(svg::with_proof(text, &parse_xml(text)?, proof)?.into_bytes())
        }
        (None, Form::Json) if read.standard.is_verifiable_credential() => {
            let entry = proof.to_data_integrity_proof()?.to_json();
            Ok(json::with_entry(text(badge)?, &entry)?.into_bytes())
        }
        (None, Form::JwsJson) => Ok(jws::with_proof(text(badge)?, proof)?.into_bytes()),
        (None, Form::Jws) => Err(EmbedError::BreaksSignature),
        (None, _) => Err(EmbedError::ChangesDigest),
    }
}

/// The proof document that is embedded in a badge, if there is one: what the outermost carrier
/// holds, else what the credential in it holds. It is as untrusted as one that came by itself.
///
/// # Errors
/// Each [`ExtractError`]; a badge without an embedded proof is no error.
pub fn extract(badge: &[u8]) -> Result<Option<ProofDocument>, ExtractError> {
    // opening checks the carrier: bounds, checksums, well-formedness
    let in_credential = crate::open(badge, |opened| {
        Ok(match (opened.jws, opened.unprotected) {
            (None, _) => json::found(&opened.credential),
            (Some(_), Some(header)) => jws::found(header),
            (Some(_), None) => Ok(None),
        })
    })?;
    let in_carrier = match form::by_first_bytes(badge) {
        Form::Png => png::found(badge)?,
        Form::Svg => svg::found(&parse_xml(text(badge)?)?)?,
        _ => None,
    };
    match in_carrier {
        Some(document) => Ok(Some(document)),
        None => in_credential,
    }
}

/// The text with each range replaced; the ranges are in the order of the text and apart.
fn edited<'t>(text: &str, edits: impl IntoIterator<Item = (Range<usize>, &'t str)>) -> String {
    let mut written = String::with_capacity(text.len());
    let mut kept = 0;
    for (range, by) in edits {
        written += &text[kept..range.start];
        written += by;
        kept = range.end;
    }
    written + &text[kept..]
}

fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|error| {
        Refusal::at_byte(Code::InvalidUtf8, error.valid_up_to(), "the text is not valid UTF-8")
    })
}
