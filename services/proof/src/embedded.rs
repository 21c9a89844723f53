//! A proof document inside the badge that it is about: `FORMAT.md`, section 13. Where a carrier
//! has its place for it is the business of who knows the carriers; here is what stands there.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::{
    ComputeError, DocumentError, MAX_PROOF_BYTES, ProofDocument, ReceiptMismatch, TokenError,
};

/// The cryptosuite of a proof document among the proofs of a verifiable credential.
pub const CRYPTOSUITE: &str = "ingam-jcs-2026";
/// The keyword of its `iTXt` chunk in a PNG image.
pub const PNG_KEYWORD: &str = "ingamproof";
/// The XML namespace of its element `proof` in an SVG image. A UUID is nobody's domain.
pub const SVG_NAMESPACE: &str = "urn:uuid:9fddf770-1634-4a37-a94d-cad3e227c9a8";
/// Its parameter in the unprotected header of a JWS in JSON form.
pub const JWS_HEADER: &str = "ingamProof";

const DATA_INTEGRITY_PROOF: &str = "DataIntegrityProof";
const PROOF_PURPOSE: &str = "assertionMethod";
/// base64url without padding, in multibase.
const MULTIBASE: char = 'u';

/// An entry of a credential's `proof`, as the Data Integrity specification (section 2.1) wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataIntegrityProof {
    /// `DataIntegrityProof`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// [`CRYPTOSUITE`].
    cryptosuite: &'static str,
    /// The call that answers, as an `ethereum:` URL (ERC-681). A hint: see `FORMAT.md`.
    verification_method: String,
    /// `assertionMethod`.
    proof_purpose: &'static str,
    /// See [`ProofDocument::to_proof_value`].
    proof_value: String,
}

/// Why a document is not to be embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotEmbeddable {
    /// Nothing follows from it, or not yet.
    #[error(transparent)]
    Compute(#[from] ComputeError),
    /// It does not say where it is anchored.
    #[error("the proof names no anchor yet")]
    NoAnchor,
    /// Its receipt is another badge's.
    #[error(transparent)]
    Receipt(#[from] ReceiptMismatch),
    /// The token is another badge's.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// Why an embedded text is no proof document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddedError {
    /// A member of the entry has a value that this cryptosuite does not have; its name.
    #[error("{0} of the embedded proof is not as the cryptosuite {CRYPTOSUITE} has it")]
    Member(&'static str),
    /// Not `u` and base64url without padding.
    #[error("the embedded proof is no multibase text in base64url")]
    Multibase,
    /// No proof document.
    #[error("the embedded proof document is refused {0}")]
    Document(#[from] DocumentError),
}

impl DataIntegrityProof {
    /// The entry in JSON, without white space.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an object of texts is JSON")
    }

    /// The document in an entry whose members of type string `text` gives. `verificationMethod`
    /// is not asked for, other members neither: they say nothing that is not computed or looked up.
    ///
    /// # Errors
    /// Each [`EmbeddedError`].
    pub fn read<'a>(
        text: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<ProofDocument, EmbeddedError> {
        for (name, expected) in [
            ("type", DATA_INTEGRITY_PROOF),
            ("cryptosuite", CRYPTOSUITE),
            ("proofPurpose", PROOF_PURPOSE),
        ] {
            if text(name) != Some(expected) {
                return Err(EmbeddedError::Member(name));
            }
        }
        let value = text("proofValue").ok_or(EmbeddedError::Member("proofValue"))?;
        ProofDocument::from_proof_value(value)
    }
}

impl ProofDocument {
    /// Whether the document can stand in a badge: it leads to a commitment, says where that is
    /// anchored, and any receipt and token are its own. What it says is not judged.
    ///
    /// # Errors
    /// Each [`NotEmbeddable`].
    pub fn check_embeddable(&self) -> Result<(), NotEmbeddable> {
        self.computed()?;
        self.receipt_matches()?;
        self.computed_token().transpose()?;
        if self.anchors.is_empty() { Err(NotEmbeddable::NoAnchor) } else { Ok(()) }
    }

    /// The document in printable ASCII without `<`, `>` and `&`, the rest as escapes of JSON: the
    /// same bytes in every encoding, and nothing that XML would read or refuse.
    #[must_use]
    pub fn to_ascii_json(&self) -> String {
        let json = self.to_json();
        let mut ascii = String::with_capacity(json.len());
        for char in json.chars() {
            if matches!(char, ' '..='~') && !matches!(char, '<' | '>' | '&') {
                ascii.push(char);
            } else {
                // outside of strings this JSON has none of these
                for unit in char.encode_utf16(&mut [0; 2]) {
                    write!(ascii, "\\u{unit:04x}").expect("a String takes all that is written");
                }
            }
        }
        ascii
    }

    /// [`Self::to_ascii_json`] as one multibase text (`u`: base64url without padding).
    #[must_use]
    pub fn to_proof_value(&self) -> String {
        let mut text = String::from(MULTIBASE);
        BASE64_URL_SAFE_NO_PAD.encode_string(self.to_ascii_json(), &mut text);
        text
    }

    /// The inverse of [`Self::to_proof_value`]; reads any document that [`Self::parse`] reads.
    ///
    /// # Errors
    /// [`EmbeddedError::Multibase`], [`EmbeddedError::Document`].
    pub fn from_proof_value(text: &str) -> Result<Self, EmbeddedError> {
        let encoded = text.strip_prefix(MULTIBASE).ok_or(EmbeddedError::Multibase)?;
        // refused before it is decoded: what is longer cannot hold a document
        let found = encoded.len() / 4 * 3;
        if found > MAX_PROOF_BYTES {
            return Err(DocumentError::TooLarge { limit: MAX_PROOF_BYTES, found }.into());
        }
        let json = BASE64_URL_SAFE_NO_PAD.decode(encoded).map_err(|_| EmbeddedError::Multibase)?;
        Ok(Self::parse(&json)?)
    }

    /// This document as an entry of a credential's `proof`.
    ///
    /// # Errors
    /// As [`Self::check_embeddable`].
    pub fn to_data_integrity_proof(&self) -> Result<DataIntegrityProof, NotEmbeddable> {
        self.check_embeddable()?;
        let commitment = self.computed()?.commitment;
        let anchor = self.anchors.first().ok_or(NotEmbeddable::NoAnchor)?;
        let (registry, chain_id) = (anchor.registry, anchor.chain_id);
        Ok(DataIntegrityProof {
            kind: DATA_INTEGRITY_PROOF,
            cryptosuite: CRYPTOSUITE,
            verification_method: format!(
                "ethereum:{registry}@{chain_id}/anchored?bytes32=0x{commitment}"
            ),
            proof_purpose: PROOF_PURPOSE,
            proof_value: self.to_proof_value(),
        })
    }
}
