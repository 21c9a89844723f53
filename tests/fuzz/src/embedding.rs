//! A proof into a badge, and out again.

use badge::{embed as put, extract};
use proof::{Address, AnchorHint, BadgeRef, Hash, Inclusion, ProofDocument, Rule};

use super::carriers::{baked, with_right_checksums};

/// The first byte chooses a carrier: the bytes behind it as they are, an image whose checksums are
/// put right, or an image around a text. A badge keeps its digest with a proof in it; the proof is
/// found again; putting it in twice is putting it in once.
pub fn embed(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else { return };
    match way % 3 {
        0 => into(rest),
        1 => into(&with_right_checksums(rest)),
        _ => into(&baked([b"openbadgecredential\0\0\0\0\0", rest].concat())),
    }
}

fn into(bytes: &[u8]) {
    // a proof that came with the badge is as hostile as the badge
    drop(extract(bytes));
    let Ok(before) = badge::read(bytes) else { return };
    let proof = proof_of(before.digest, 31_337);
    let Ok(with_proof) = put(bytes, &proof) else { return };
    let after = badge::read(&with_proof);
    assert!(after.is_ok_and(|after| after == before), "embedding changed the badge");
    assert!(extract(&with_proof) == Ok(Some(proof.clone())), "the proof is not found again");
    assert!(put(&with_proof, &proof).as_ref() == Ok(&with_proof), "twice is not once");
    let other = proof_of(before.digest, 1);
    if let Ok(replaced) = put(&with_proof, &other) {
        assert!(extract(&replaced) == Ok(Some(other)), "the proof was not replaced");
    }
}

fn proof_of(digest: Hash, chain_id: u64) -> ProofDocument {
    let issuer = "did:web:a.example".parse().expect("an identifier of an issuer");
    let badge = BadgeRef { rule: Rule::JcsSha256V1, digest, issuer, salt: Hash([7; 32]) };
    let inclusion =
        Inclusion { index: 0, tree_size: 2, path: vec![Hash([8; 32])], blockcerts_root: None };
    ProofDocument {
        badge,
        inclusion: Some(inclusion),
        anchors: vec![AnchorHint::new(chain_id, Address([0x11; 20]))],
        token: None,
        receipt: None,
        deadline_at: None,
    }
}
