//! The issuer's own signature on a badge, checked offline: from the badge alone, with keys that it
//! carries. No I/O, no clock; nothing is ever fetched.
//!
//! Checked are JWS with `EdDSA`, `ES256` and `RS256`, and the Data Integrity proofs
//! `eddsa-jcs-2022`, `eddsa-rdfc-2022`, `ecdsa-jcs-2019` and `ecdsa-rdfc-2019` (P-256) and
//! `Ed25519Signature2020`. A key counts when it is a `jwk` in the signed header, or an identifier
//! that is nothing but a key (`did:key`, `did:jwk`).
//!
//! That a key fits says that the badge is unchanged since somebody signed it. Only when the
//! *issuer's* identifier is that key does it say who: [`Code::ByIssuer`] is the one code that
//! passes.
#![warn(missing_docs)]

mod canonical;
#[cfg(test)]
mod canonical_vectors;
mod code;
mod contexts;
mod data_integrity;
mod did;
mod jwk;
mod jws;
mod key;
mod linked_data;
mod whose;

use badge::json::Value;
use badge::{Jws, Refusal};

pub use code::{Code, Outcome};

/// One signature of a badge, and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `jws`, or the JSON pointer of the proof entry.
    pub place: String,
    /// `alg` of the JWS, the proof's cryptosuite, or its type; empty when it names none, or by more
    /// than 64 bytes.
    pub algorithm: String,
    /// The key as the signature names it, in at most 4096 bytes; a `jwk` has no name.
    pub key: Option<String>,
    /// What was found.
    pub code: Code,
}

/// Names longer than any in use are not repeated.
const MAX_ALGORITHM_BYTES: usize = 64;
const MAX_KEY_BYTES: usize = 4096;

impl Signature {
    fn new(place: String, algorithm: Option<&str>, key: Option<&str>, code: Code) -> Self {
        let algorithm = algorithm.filter(|name| name.len() <= MAX_ALGORITHM_BYTES);
        let key = key.filter(|name| name.len() <= MAX_KEY_BYTES).map(str::to_owned);
        Self { place, algorithm: algorithm.unwrap_or_default().to_owned(), key, code }
    }
}

/// All signatures of a badge, in the badge's order. A proof of anchoring among them is none and
/// left out.
/// Of more than 16 proofs the seventeenth is `too_complex` and the last: it stands for all beyond.
///
/// `issuers` are the badge's own issuer identifiers, as [`badge::Badge::issuers`].
///
/// # Errors
/// Those of [`badge::open`].
pub fn check(bytes: &[u8], issuers: &[String]) -> Result<Vec<Signature>, Refusal> {
    badge::open(bytes, |opened| Ok(of_credential(&opened.credential, opened.jws, issuers)))
}

fn of_credential(credential: &Value<'_>, jws: Option<&Jws>, issuers: &[String]) -> Vec<Signature> {
    match jws {
        Some(jws) => vec![jws::check(jws, credential, issuers)],
        None => data_integrity::check(credential, issuers),
    }
}

/// What all signatures together say: [`Code::Unsigned`] without any, else the worst failure, else
/// the issuer's own, else the first.
#[must_use]
pub fn overall(signatures: &[Signature]) -> Code {
    let codes = || signatures.iter().map(|signature| signature.code);
    codes()
        .find(|code| code.outcome() == Outcome::Failed)
        .or_else(|| codes().find(|code| code.outcome() == Outcome::Passed))
        .or_else(|| codes().next())
        .unwrap_or(Code::Unsigned)
}
