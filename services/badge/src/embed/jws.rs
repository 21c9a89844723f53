//! In the unprotected header of a JWS in JSON form (RFC 7515 section 7.2): the one part that
//! neither the signature nor the digest covers.

use proof::{EmbeddedError, JWS_HEADER, ProofDocument};

use super::ExtractError;
use super::json::with_member;
use crate::Refusal;
use crate::json::Value;
use crate::json::spans::{Members, elements_at};

/// The text with the proof as a header parameter.
pub(super) fn with_proof(text: &str, proof: &ProofDocument) -> Result<String, Refusal> {
    let value = format!("\"{}\"", proof.to_proof_value());
    // the general form has its one signature in a list, the flattened form is itself that object
    let signature = match Members::at(text, 0)?.get("signatures") {
        Some(list) => elements_at(text, list.start)?.first().map_or(0, |first| first.start),
        None => 0,
    };
    match Members::at(text, signature)?.get("header") {
        Some(header) => with_member(text, header.start, JWS_HEADER, &value),
        None => {
            let header = format!("{{\"{JWS_HEADER}\":{value}}}");
            with_member(text, signature, "header", &header)
        }
    }
}

/// The document in the unprotected header of a JWS.
pub(super) fn found(unprotected: &Value<'_>) -> Result<Option<ProofDocument>, ExtractError> {
    let Some(value) = unprotected.get(JWS_HEADER) else { return Ok(None) };
    let text = value.as_str().ok_or(EmbeddedError::Multibase)?;
    Ok(Some(ProofDocument::from_proof_value(text)?))
}
