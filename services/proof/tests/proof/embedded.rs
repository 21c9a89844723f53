//! The text that stands in a badge, and what is refused as one.

use proof::{
    CRYPTOSUITE, ComputeError, DataIntegrityProof, DocumentError, EmbeddedError, Hash,
    InclusionError, MAX_PROOF_BYTES, NotEmbeddable, ProofDocument, ReceiptMismatch,
};

use crate::samples;

#[test]
fn the_text_is_plain_ascii_and_the_same_document() {
    let mut document = samples::document();
    let hostile = "]]></proof>&amp;<!--\u{7f}\u{85}\u{2028}\u{fffe}\u{ffff}\u{1f600}\0\"\\한";
    document.receipt.as_mut().unwrap().promise.external_id = Some(hostile.to_owned());
    let text = document.to_ascii_json();
    assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
    assert!(!text.contains(['<', '>', '&']), "{text}");
    assert_eq!(ProofDocument::parse(text.as_bytes()).unwrap(), document);
    let value = document.to_proof_value();
    assert!(value.starts_with('u') && !value.contains(['=', '+', '/']), "{value}");
    assert_eq!(ProofDocument::from_proof_value(&value).unwrap(), document);
}

#[test]
fn only_what_is_anchored_and_consistent_is_embedded() {
    assert_eq!(samples::document().check_embeddable(), Ok(()));
    let pending = NotEmbeddable::Compute(ComputeError::Pending);
    assert_eq!(samples::pending().check_embeddable(), Err(pending));
    assert_eq!(samples::pending().to_data_integrity_proof(), Err(pending));
    let nowhere = ProofDocument { anchors: Vec::new(), ..samples::document() };
    assert_eq!(nowhere.to_data_integrity_proof(), Err(NotEmbeddable::NoAnchor));
    let mut outside = samples::document();
    outside.inclusion.as_mut().unwrap().index = 5;
    let inclusion = ComputeError::Inclusion(InclusionError::Index { index: 5, size: 5 });
    assert_eq!(outside.check_embeddable(), Err(NotEmbeddable::Compute(inclusion)));
    let mut others = samples::document();
    others.receipt.as_mut().unwrap().promise.digest = Hash::ZERO;
    let mut foreign = samples::document();
    foreign.token.as_mut().unwrap().salt.0[0] ^= 1;
    assert!(matches!(foreign.check_embeddable(), Err(NotEmbeddable::Token(_))));
    let mismatch = NotEmbeddable::Receipt(ReceiptMismatch("digest"));
    assert_eq!(others.check_embeddable(), Err(mismatch));
}

#[test]
fn an_entry_is_read_back_and_each_wrong_member_is_named() {
    let document = samples::document();
    let value = document.to_proof_value();
    let written: serde_json::Value =
        serde_json::from_str(&document.to_data_integrity_proof().unwrap().to_json()).unwrap();
    let read = |entry: &serde_json::Value| {
        DataIntegrityProof::read(|name| entry.get(name).and_then(serde_json::Value::as_str))
    };
    assert_eq!(read(&written).unwrap(), document);
    for (member, wrong) in [
        ("type", "Ed25519Signature2020"),
        ("cryptosuite", "eddsa-jcs-2022"),
        ("proofPurpose", "authentication"),
    ] {
        let mut entry = written.clone();
        entry[member] = wrong.into();
        assert_eq!(read(&entry), Err(EmbeddedError::Member(member)));
        entry.as_object_mut().unwrap().remove(member);
        assert_eq!(read(&entry), Err(EmbeddedError::Member(member)));
    }
    // a hint is not believed, and not missed
    let mut moved = written.clone();
    moved["verificationMethod"] = "https://elsewhere.example/".into();
    assert_eq!(read(&moved).unwrap(), document);
    assert_eq!(written["cryptosuite"], CRYPTOSUITE);
    for wrong in ["", "z123", &value[1..], &format!("{value}="), "u!"] {
        let mut entry = written.clone();
        entry["proofValue"] = wrong.into();
        assert_eq!(read(&entry), Err(EmbeddedError::Multibase), "{wrong}");
    }
    for (text, at) in [("ue30", ""), ("u", "")] {
        let mut entry = written.clone();
        entry["proofValue"] = text.into();
        let refused = read(&entry).unwrap_err();
        assert!(
            matches!(&refused, EmbeddedError::Document(DocumentError::At { pointer, .. }) if pointer == at),
            "{text}: {refused}"
        );
    }
}

#[test]
fn what_is_too_long_is_not_decoded() {
    let long = format!("u{}", "!".repeat(MAX_PROOF_BYTES / 3 * 4 + 8));
    let refused = ProofDocument::from_proof_value(&long).unwrap_err();
    assert!(
        matches!(refused, EmbeddedError::Document(DocumentError::TooLarge { .. })),
        "{refused}"
    );
}
