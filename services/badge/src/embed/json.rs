//! Among the proofs of a verifiable credential in JSON: an entry of its own cryptosuite.

use std::ops::Range;

use proof::{CRYPTOSUITE, DataIntegrityProof, ProofDocument};

use super::{EmbedError, ExtractError, MAX_REPLACED, edited};
use crate::Refusal;
use crate::json::spans::{Members, elements_at};
use crate::json::{self, Value};

/// The text with `entry` among the proofs, after those that were there.
pub(super) fn with_entry(text: &str, entry: &str) -> Result<String, EmbedError> {
    let Some(proof) = Members::at(text, 0)?.get("proof") else {
        return Ok(with_member(text, 0, "proof", entry)?);
    };
    let present = &text[proof.clone()];
    if !present.starts_with('[') {
        let list = format!("[{present},{entry}]");
        let becomes = if is_ours(present)? { entry } else { &list };
        return Ok(replaced(text, proof, becomes));
    }
    let elements = elements_at(text, proof.start)?;
    let Some(last) = elements.last() else {
        return Ok(replaced(text, proof, &format!("[{entry}]")));
    };
    let mut ours = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        if is_ours(&text[element.clone()])? {
            ours.push(at);
        }
    }
    if ours.len() > MAX_REPLACED {
        return Err(EmbedError::TOO_MANY);
    }
    let Some((first, others)) = ours.split_first() else {
        return Ok(replaced(text, last.end..last.end, &format!(",{entry}")));
    };
    // with the comma before it
    let removals = others.iter().map(|at| (elements[at - 1].end..elements[*at].end, ""));
    Ok(edited(text, [(elements[*first].clone(), entry)].into_iter().chain(removals)))
}

/// The text with the member `name` of the object that begins at `object` added, or replaced.
pub(super) fn with_member(
    text: &str,
    object: usize,
    name: &str,
    value: &str,
) -> Result<String, Refusal> {
    let members = Members::at(text, object)?;
    if let Some(present) = members.get(name) {
        return Ok(replaced(text, present, value));
    }
    let (at, comma) = match members.0.last() {
        Some(last) => (last.value.end, ","),
        None => (text[object..].find('{').map_or(text.len(), |brace| object + brace + 1), ""),
    };
    Ok(replaced(text, at..at, &format!("{comma}\"{name}\":{value}")))
}

fn replaced(text: &str, span: Range<usize>, by: &str) -> String {
    edited(text, [(span, by)])
}

fn is_ours(entry: &str) -> Result<bool, Refusal> {
    Ok(has_our_suite(&json::parse(entry.as_bytes())?))
}

fn has_our_suite(entry: &Value<'_>) -> bool {
    entry.get("cryptosuite").and_then(Value::as_str) == Some(CRYPTOSUITE)
}

/// The document among the proofs of a credential.
pub(super) fn found(credential: &Value<'_>) -> Result<Option<ProofDocument>, ExtractError> {
    let proofs = credential.get("proof").map(Value::as_set).unwrap_or_default();
    let mut ours = proofs.iter().filter(|entry| has_our_suite(entry));
    let Some(entry) = ours.next() else { return Ok(None) };
    if ours.next().is_some() {
        return Err(ExtractError::Several);
    }
    let document = DataIntegrityProof::read(|name| entry.get(name).and_then(Value::as_str))?;
    Ok(Some(document))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"{"cryptosuite":"ingam-jcs-2026","proofValue":"uNew"}"#;
    const OLD: &str = r#"{ "cryptosuite" : "ingam\u002djcs-2026" }"#;

    #[test]
    fn an_entry_is_added_or_replaced_and_all_else_kept() {
        for (before, after) in [
            ("{\"a\":1.0 }\n", "{\"a\":1.0,\"proof\":NEW }\n"),
            ("\u{feff}{ }", "\u{feff}{\"proof\":NEW }"),
            (
                "{\"proof\" : {\"type\":\"X\"} ,\"a\":1}",
                "{\"proof\" : [{\"type\":\"X\"},NEW] ,\"a\":1}",
            ),
            ("{\"proof\":OLD}", "{\"proof\":NEW}"),
            ("{\"pr\\u006fof\":[ ]}", "{\"pr\\u006fof\":[NEW]}"),
            ("{\"proof\":[ {\"type\":\"X\"}\n]}", "{\"proof\":[ {\"type\":\"X\"},NEW\n]}"),
            ("{\"proof\":[OLD , {\"b\":2}, OLD,OLD ]}", "{\"proof\":[NEW , {\"b\":2} ]}"),
        ] {
            let before = before.replace("OLD", OLD);
            let after = after.replace("NEW", ENTRY);
            assert_eq!(with_entry(&before, ENTRY).unwrap(), after, "{before}");
            assert_eq!(with_entry(&after, ENTRY).unwrap(), after, "once more");
        }
    }

    #[test]
    fn two_embedded_proofs_are_refused() {
        let text = format!("{{\"proof\":[{ENTRY},{{}},{ENTRY}]}}");
        let credential = json::parse(text.as_bytes()).unwrap();
        assert_eq!(found(&credential), Err(ExtractError::Several));
    }
}
