//! Proof documents: what is refused, and that no value can change unnoticed.

use std::collections::HashSet;

use proof::{
    ComputeError, DocumentError, Hash, Inclusion, InclusionError, MAX_PROOF_BYTES, ProofDocument,
    ReceiptMismatch, commitment, root_of_leaves,
};
use serde_json::Value;

use crate::{samples, tokens};

#[test]
fn a_document_leads_to_its_commitment() {
    let document = samples::document();
    let read = ProofDocument::parse(document.to_json().as_bytes()).unwrap();
    assert_eq!(read, document);
    let computed = read.computed().unwrap();
    let root = root_of_leaves(&samples::leaves()).unwrap();
    assert_eq!((computed.leaf, computed.root), (samples::badge().entry().leaf(), root));
    assert_eq!(computed.commitment, commitment(5, root, Hash::ZERO));
    assert_eq!(read.receipt_matches(), Ok(()));
}

#[test]
fn the_blockcerts_root_is_bound() {
    let mut document = samples::document();
    let plain = document.computed().unwrap();
    let with = |document: &mut ProofDocument, root| {
        document.inclusion =
            document.inclusion.take().map(|old| Inclusion { blockcerts_root: Some(root), ..old });
        document.computed().unwrap()
    };
    assert_eq!(with(&mut document, Hash::ZERO), plain);
    assert_ne!(with(&mut document, samples::salt(1)).commitment, plain.commitment);
}

#[test]
fn a_pending_document_says_so() {
    let pending = samples::pending();
    let read = ProofDocument::parse(pending.to_json().as_bytes()).unwrap();
    assert_eq!(read, pending);
    assert_eq!(read.computed(), Err(ComputeError::Pending));
}

#[test]
fn a_receipt_must_be_this_badges() {
    let mismatch = |change: &dyn Fn(&mut ProofDocument)| {
        let mut document = samples::document();
        change(&mut document);
        document.receipt_matches().map_err(|ReceiptMismatch(member)| member)
    };
    assert_eq!(mismatch(&|d| d.receipt = None), Ok(()));
    assert_eq!(mismatch(&|d| d.badge.rule = proof::Rule::Opaque), Err("rule"));
    assert_eq!(mismatch(&|d| d.badge.digest.0[0] ^= 1), Err("digest"));
    let other = |d: &mut ProofDocument| d.badge.issuer = "did:web:a.example".parse().unwrap();
    assert_eq!(mismatch(&other), Err("issuer"));
    assert_eq!(mismatch(&|d| d.badge.salt.0[0] ^= 1), Err("salt"));
    let other_leaf = |d: &mut ProofDocument| {
        d.receipt.as_mut().unwrap().promise.leaf.0[0] ^= 1;
    };
    assert_eq!(mismatch(&other_leaf), Err("leaf"));
    let deadline = samples::promise().deadline_at;
    assert_eq!(mismatch(&|d| d.deadline_at = Some(deadline)), Ok(()));
    assert_eq!(mismatch(&|d| d.deadline_at = Some(deadline.plus_millis(1))), Err("deadlineAt"));
}

pub(crate) fn refusal(text: &str) -> (String, String) {
    match ProofDocument::parse(text.as_bytes()) {
        Err(DocumentError::At { pointer, reason }) => (pointer, reason),
        other => panic!("{other:?}: {text}"),
    }
}

/// A change to the example's text, the place that the refusal names, and a part of its reason.
pub(crate) type Malformed = (String, &'static str, &'static str);

fn malformed_members() -> Vec<Malformed> {
    let good = samples::document().to_json();
    let digest = samples::badge().digest.to_string();
    let first = samples::document().inclusion.unwrap().path[0].to_string();
    let many_hashes = vec![format!("\"{first}\""); 33].join(",");
    let anchor = r#"{"chainId":1,"registry":"0x1111111111111111111111111111111111111111"}"#;
    let many_anchors = format!("\"anchors\":[{anchor}{}", format!(",{anchor}").repeat(31));
    [
        ("ingam-proof/1", "ingam-proof/2", "/format", "unknown variant"),
        (r#""rule":"jcs-sha256-v1""#, r#""rule":"jcs""#, "/badge/rule", "unknown variant"),
        (&digest, &digest.to_uppercase(), "/badge/digest", "lower-case"),
        (&digest, &digest[1..], "/badge/digest", "64"),
        (&digest, &format!("0x{digest}"), "/badge/digest", "offset 1"),
        (r#""issuer":"https"#, r#""issuer":"http"#, "/badge/issuer", "https://"),
        (r#""badge":{"#, r#""badge":{"label":"x","#, "/badge/label", "unknown field"),
        (r#""badge":{"#, r#""badge":null,"b":{"#, "/badge", "null"),
        (r#""inclusion":{"#, r#""inclusion":{"root":"x","#, "/inclusion/root", "unknown field"),
        (r#""inclusion":{"#, r#""inclusion":null,"i":{"#, "/inclusion", "null"),
        (r#""index":3"#, r#""index":-3"#, "/inclusion/index", "-3"),
        (r#""index":3"#, r#""index":"3""#, "/inclusion/index", "string"),
        (r#""index":3"#, r#""index":3e0"#, "/inclusion/index", "floating point"),
        (r#""index":3,"#, "", "/inclusion", "missing field `index`"),
        (r#""treeSize":5"#, r#""treeSize":9007199254740992"#, "/inclusion/treeSize", "2^53"),
        (&format!("\"{first}\""), &many_hashes, "/inclusion/path", "at most 32"),
        (&format!("\"{first}\""), "7", "/inclusion/path/0", "integer"),
        ("\"anchors\":[", &format!("{many_anchors},"), "/anchors", "at most 32"),
        ("\"chainId\":31337", "\"chainId\":-1", "/anchors/0/chainId", "-1"),
        ("0xaaaa", "0xAAAA", "/anchors/0/transaction", "lower-case"),
        (r#""receipt":{"#, r#""receipt":{"x":1,"#, "/receipt/x", "unknown field"),
        // duplicates, also where names differ only by escapes and where they would be ignored
        (r#""index":3"#, r#""index":3,"index":3"#, "/inclusion/index", "duplicate"),
        (r#""index":3"#, r#""index":3,"ind\u0065x":3"#, "/inclusion/index", "duplicate"),
        (r#""format""#, r#""a/b":{"c":1,"c":1},"format""#, "/a~1b/c", "duplicate"),
        (r#""chainId":31337"#, r#""later":1,"later":2,"chainId":31337"#, "/anchors/0/later", "dup"),
        ("{\"format\"", "[{\"format\"", "/1", "EOF"),
        ("{\"format\"", "\u{feff}{\"format\"", "", "expected value"),
    ]
    .map(|(from, to, place, why)| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        (changed, place, why)
    })
    .to_vec()
}

fn malformed_texts() -> [Malformed; 6] {
    let good = samples::document().to_json();
    [
        (format!("{good}{{}}"), "", "trailing"),
        (String::new(), "", "EOF"),
        (good.replacen("{\"format\"", r#"{"x":"\ud800","format""#, 1), "/x", "hex escape"),
        (nested_in(&good, 32), "/x", "too deep"),
        ("[".repeat(100_000), "/0", "too deep"),
        (good.replacen("{\"format\"", r#"{"x":NaN,"format""#, 1), "/x", "expected"),
    ]
}

/// The example with a hint of lists within lists.
fn nested_in(good: &str, depth: usize) -> String {
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    good.replacen("{\"format\"", &format!("{{\"x\":{open}{close},\"format\""), 1)
}

/// Texts that are no proof documents.
pub(crate) fn malformed() -> Vec<String> {
    let members = malformed_members().into_iter().chain(tokens::malformed());
    let texts = members.chain(malformed_texts());
    texts.map(|(text, ..)| text).collect()
}

#[test]
fn refusals_name_the_place() {
    for (text, place, why) in malformed_members().into_iter().chain(malformed_texts()) {
        let (pointer, reason) = refusal(&text);
        assert!(pointer.starts_with(place), "{pointer}: {reason}: {text}");
        assert!(reason.contains(why), "{pointer}: {reason}: {text}");
    }
    assert!(ProofDocument::parse(nested_in(&samples::document().to_json(), 31).as_bytes()).is_ok());
    assert_eq!(
        ProofDocument::parse(&vec![b' '; MAX_PROOF_BYTES + 1]),
        Err(DocumentError::TooLarge { limit: MAX_PROOF_BYTES, found: MAX_PROOF_BYTES + 1 })
    );
}

#[test]
fn later_versions_may_add_hints() {
    let good = samples::document().to_json();
    let with_hints = good
        .replacen("{\"format\"", r#"{"note":{"a":[1.5,null]},"format""#, 1)
        .replacen("\"chainId\"", r#""explorer":"https://x.example/","chainId""#, 1)
        .replacen("\"contract\"", r#""standard":"ERC-721","contract""#, 1);
    assert_eq!(ProofDocument::parse(with_hints.as_bytes()), Ok(samples::document()));
}

#[test]
fn impossible_places_compute_nothing() {
    let with = |index, tree_size| {
        let mut document = samples::document();
        let inclusion = document.inclusion.as_mut().unwrap();
        (inclusion.index, inclusion.tree_size) = (index, tree_size);
        document.computed().map_err(|error| match error {
            ComputeError::Inclusion(error) => error,
            ComputeError::Pending => panic!("pending"),
        })
    };
    assert_eq!(with(3, 0), Err(InclusionError::TreeSize(0)));
    assert_eq!(with(3, 1 << 32), Err(InclusionError::TreeSize(1 << 32)));
    assert_eq!(with(5, 5), Err(InclusionError::Index { index: 5, size: 5 }));
    assert_eq!(with(4, 5), Err(InclusionError::PathLength { expected: 1, found: 3 }));
}

/// All that a verifier asks before it asks a chain.
fn passes(text: &str, commitment: Hash) -> bool {
    let trust = samples::trust();
    let Ok(document) = ProofDocument::parse(text.as_bytes()) else { return false };
    document.computed().is_ok_and(|computed| computed.commitment == commitment)
        && document.receipt_matches().is_ok()
        && document.computed_token().is_none_or(|token| token.is_ok())
        && document.receipt.is_none_or(|receipt| trust.check_receipt(&receipt).is_ok())
        && document
            .token
            .is_none_or(|token| trust.collection(token.chain_id, &token.contract).is_some())
        && document
            .anchors
            .iter()
            .any(|anchor| trust.registry(anchor.chain_id, &anchor.registry).is_some())
}

/// Each pointer to a value that is no object or list.
fn values(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                values(member, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                values(item, &format!("{pointer}/{at}"), found);
            }
        }
        _ => found.push(pointer.to_owned()),
    }
}

/// Everything in an anchor but the selection of a trust entry, and a token's owner.
fn is_hint(pointer: &str) -> bool {
    let selects = pointer.ends_with("/chainId") || pointer.ends_with("/registry");
    (pointer.starts_with("/anchors/") && !selects) || pointer == "/token/owner"
}

/// Other values in the place of this one: each character replaced, one more, one fewer, and
/// values of other types.
fn changes(value: &Value) -> Vec<Value> {
    let mut changed = vec![Value::Null, Value::Bool(true), Value::from(7), Value::from("x")];
    match value {
        Value::String(text) => {
            for (at, old) in text.char_indices() {
                let rest = &text[at + old.len_utf8()..];
                for new in ["0", "1", "e", "f", "F", "é", ""] {
                    changed.push(Value::from(format!("{}{new}{rest}", &text[..at])));
                }
            }
            changed.push(Value::from(format!("{text}0")));
            changed.push(Value::from(format!(" {text}")));
        }
        Value::Number(number) => {
            let number = number.as_u64().unwrap();
            changed.extend([number + 1, number.wrapping_sub(1), number * 2 + 1].map(Value::from));
            changed.push(Value::from(number as f64));
            changed.push(Value::from(number.to_string()));
        }
        _ => {}
    }
    changed.retain(|new| new != value);
    changed
}

/// The text with one value changed, for each value and each change; hints apart.
fn changes_by_kind(good: &str) -> (Vec<(String, String)>, Vec<String>) {
    let tree: Value = serde_json::from_str(good).unwrap();
    let mut pointers = Vec::new();
    values(&tree, "", &mut pointers);
    let (mut counted, mut hints) = (Vec::new(), Vec::new());
    for pointer in pointers {
        for new in changes(tree.pointer(&pointer).unwrap()) {
            let mut tree = tree.clone();
            *tree.pointer_mut(&pointer).unwrap() = new;
            if is_hint(&pointer) {
                hints.push(tree.to_string());
            } else {
                counted.push((pointer.clone(), tree.to_string()));
            }
        }
    }
    (counted, hints)
}

/// All of these, hints too.
pub(crate) fn changed(good: &str) -> Vec<String> {
    let (counted, hints) = changes_by_kind(good);
    counted.into_iter().map(|(_, text)| text).chain(hints).collect()
}

#[test]
fn no_value_can_change_unnoticed() {
    let good = samples::document().to_json();
    let commitment = samples::document().computed().unwrap().commitment;
    assert!(passes(&good, commitment));
    let (counted, hints) = changes_by_kind(&good);
    let pointers: HashSet<&String> = counted.iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers.len(), 38);
    for (pointer, text) in &counted {
        assert!(!passes(text, commitment), "{pointer}: {text}");
    }
    // a hint may be anything well formed
    assert!(hints.iter().any(|text| passes(text, commitment)));
}
