//! Rule `jcs-sha256-v1` over a JSON object.

use proof::Hash;

use crate::json::Value;
use crate::standard::has_type;
use crate::{Code, Refusal};

/// Takes the top-level `proof` out of `object` and hashes what remains.
///
/// # Errors
/// `proof_not_allowed`, `too_large`.
pub(crate) fn digest_without_proof(object: &mut Value<'_>) -> Result<Hash, Refusal> {
    // the limit holds for the whole: it is what anybody may hand in again
    let whole = object.to_jcs()?;
    check_proof(object)?;
    if object.remove("proof").is_some() { object.digest() } else { Ok(Hash::of(&[&whole])) }
}

/// Only a proof that the Data Integrity specification knows may be left out of the digest;
/// anything else named `proof` could be content that a match would then not cover.
fn check_proof(object: &Value<'_>) -> Result<(), Refusal> {
    let Some(proof) = object.get("proof") else { return Ok(()) };
    let refuse = |why| Err(Refusal::at_pointer(Code::ProofNotAllowed, "/proof", why));
    if !has_type(object, "VerifiableCredential") {
        return refuse("only a VerifiableCredential has a top-level proof");
    }
    let is_proof = |one: &Value<'_>| one.get("type").and_then(Value::as_str).is_some();
    if !proof.as_set().iter().all(is_proof) {
        return refuse("proof is an object, or an array of objects, with a string type");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proof_is_left_out_only_where_it_is_one() {
        let digest = |text: &str| {
            let mut object = crate::json::parse(text.as_bytes()).unwrap();
            digest_without_proof(&mut object).map_err(|refusal| refusal.code)
        };
        let bare = digest(r#"{"type":["VerifiableCredential"],"a":1}"#).unwrap();
        for proof in [r#"{"type":"X"}"#, r#"[{"type":"X"},{"type":"Y","v":2}]"#, "[]"] {
            let text = format!(r#"{{"proof":{proof},"a":1.0,"type":["VerifiableCredential"]}}"#);
            assert_eq!(digest(&text), Ok(bare), "{proof}");
        }
        for proof in ["null", r#""x""#, "{}", r#"{"type":["X"]}"#, r#"[{"type":"X"},[]]"#, "[[]]"] {
            let text = format!(r#"{{"proof":{proof},"type":"VerifiableCredential"}}"#);
            assert_eq!(digest(&text), Err(Code::ProofNotAllowed), "{proof}");
        }
        let assertion = r#"{"proof":{"type":"X"},"type":"Assertion"}"#;
        assert_eq!(digest(assertion), Err(Code::ProofNotAllowed));
    }
}
