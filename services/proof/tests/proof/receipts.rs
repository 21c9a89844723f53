//! Receipts: single and in chunks, and each way to spoil one.

use proof::{
    ChunkError, DocumentError, Hash, InclusionError, Promise, PromiseError, PublicKey, Receipt,
    ReceiptError, ReceiptKeyEntry, SignedChunk, verify_receipt,
};
use proptest::prelude::*;

use crate::samples;

fn trusted() -> ReceiptKeyEntry {
    ReceiptKeyEntry::new(samples::key().public(), samples::time("2026-01-01T00:00:00.000Z"))
}

fn promises(count: u8) -> Vec<Promise> {
    (0..count)
        .map(|i| {
            let mut promise = Promise { salt: samples::salt(i), ..samples::promise() };
            promise.leaf = promise.entry().leaf();
            promise
        })
        .collect()
}

fn leaves(promises: &[Promise]) -> Vec<Hash> {
    promises.iter().map(Promise::receipt_leaf).collect()
}

#[test]
fn a_single_receipt_is_a_chunk_of_one() {
    let receipt = samples::receipt();
    assert_eq!(verify_receipt(&receipt, &trusted()), Ok(()));
    let chunk = samples::key().sign_chunk(&[samples::promise().receipt_leaf()]).unwrap();
    assert_eq!(chunk.receipt(samples::promise(), 0), Ok(receipt.clone()));
    let text = serde_json::to_vec(&receipt).unwrap();
    assert_eq!(Receipt::parse(&text), Ok(receipt));
}

#[test]
fn one_signature_covers_a_chunk_and_its_reader_makes_the_receipts() {
    let promises = promises(200);
    let signed = samples::key().sign_chunk(&leaves(&promises)).unwrap();
    let read = SignedChunk::of_answer(&leaves(&promises), signed.key_id, signed.signature).unwrap();
    assert_eq!((read.root, read.size), (signed.root, 200));
    for (index, promise) in (0..).zip(&promises) {
        let receipt = read.receipt(promise.clone(), index).unwrap();
        assert_eq!(receipt, signed.receipt(promise.clone(), index).unwrap());
        assert_eq!(verify_receipt(&receipt, &trusted()), Ok(()), "{index}");
    }
    let other = signed.receipt(promises[3].clone(), 4);
    assert_eq!(other, Err(ChunkError::OtherPromise(4)));
    assert!(matches!(signed.receipt(promises[3].clone(), 200), Err(ChunkError::Place(_))));
    let empty = samples::key().sign_chunk(&[]).map(|chunk| chunk.size);
    assert_eq!(empty, Err(ChunkError::Place(InclusionError::TreeSize(0))));
}

/// Every member of a receipt in a chunk, changed alone.
#[test]
fn each_member_counts() {
    let promises = promises(5);
    let chunk = samples::key().sign_chunk(&leaves(&promises)).unwrap();
    let good = chunk.receipt(promises[2].clone(), 2).unwrap();
    let verdict = |change: &dyn Fn(&mut Receipt)| {
        let mut receipt = good.clone();
        change(&mut receipt);
        verify_receipt(&receipt, &trusted()).err()
    };
    assert_eq!(verdict(&|_| ()), None);

    use ReceiptError as E;
    let (leaf, times) =
        (Some(E::Promise(PromiseError::Leaf)), Some(E::Promise(PromiseError::Times)));
    let signature = Some(E::Signature);
    assert_eq!(verdict(&|r| r.promise.service.push('x')), signature);
    assert_eq!(verdict(&|r| r.promise.issuer = "https://other.example/".parse().unwrap()), leaf);
    assert_eq!(verdict(&|r| r.promise.rule = proof::Rule::Opaque), leaf);
    assert_eq!(verdict(&|r| r.promise.digest.0[0] ^= 1), leaf);
    assert_eq!(verdict(&|r| r.promise.salt.0[0] ^= 1), leaf);
    assert_eq!(verdict(&|r| r.promise.leaf.0[0] ^= 1), leaf);
    assert_eq!(verdict(&|r| r.promise.external_id = None), signature);
    assert_eq!(
        verdict(&|r| r.promise.received_at = r.promise.received_at.plus_millis(1)),
        signature
    );
    assert_eq!(verdict(&|r| r.promise.received_at = r.promise.deadline_at), times);
    assert_eq!(verdict(&|r| r.promise.window_started_at = None), signature);
    assert_eq!(verdict(&|r| r.promise.window_started_at = Some(r.promise.deadline_at)), times);
    assert_eq!(
        verdict(&|r| r.promise.deadline_at = r.promise.deadline_at.plus_millis(1)),
        signature
    );
    assert_eq!(verdict(&|r| r.promise.chain_id += 1), signature);
    assert_eq!(verdict(&|r| r.promise.registry.0[0] ^= 1), signature);
    assert_eq!(verdict(&|r| r.proof.key_id.0[0] ^= 1), Some(E::UnknownKey));
    assert_eq!(verdict(&|r| r.proof.index = 1), signature);
    let outside = InclusionError::Index { index: 5, size: 5 };
    assert_eq!(verdict(&|r| r.proof.index = 5), Some(E::Inclusion(outside)));
    assert_eq!(verdict(&|r| r.proof.size = 6), signature);
    assert_eq!(verdict(&|r| r.proof.path[1].0[0] ^= 1), signature);
    let short = InclusionError::PathLength { expected: 3, found: 2 };
    assert_eq!(verdict(&|r| r.proof.path.truncate(2)), Some(E::Inclusion(short)));
    for byte in 0..64 {
        assert_eq!(verdict(&|r| r.proof.signature.0[byte] ^= 0x80), signature, "byte {byte}");
    }
}

#[test]
fn the_key_must_be_the_named_one_and_still_valid() {
    let receipt = samples::receipt();
    let received = receipt.promise.received_at;
    let with = |key: ReceiptKeyEntry| verify_receipt(&receipt, &key);
    let other = proof::ReceiptKey::from_seed([7; 32]).public();
    assert_eq!(with(ReceiptKeyEntry::new(other, received)), Err(ReceiptError::UnknownKey));
    let mislabelled = ReceiptKeyEntry { public_key: other, ..trusted() };
    assert_eq!(with(mislabelled), Err(ReceiptError::UnknownKey));

    let later = received.plus_millis(1);
    assert_eq!(with(ReceiptKeyEntry { not_before: later, ..trusted() }), Ok(()));
    assert_eq!(with(ReceiptKeyEntry { not_after: Some(received), ..trusted() }), Ok(()));
    assert_eq!(with(ReceiptKeyEntry { revoked_at: Some(later), ..trusted() }), Ok(()));
    let expired = Err(ReceiptError::KeyExpired);
    let before = received.plus_millis(-1);
    assert_eq!(with(ReceiptKeyEntry { not_after: Some(before), ..trusted() }), expired);
    assert_eq!(with(ReceiptKeyEntry { revoked_at: Some(received), ..trusted() }), expired);
}

/// A key of small order lets one signature hold for many texts; the strict rules refuse it.
#[test]
fn a_small_order_key_signs_nothing() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let key = ReceiptKeyEntry::new(PublicKey(identity), samples::time("2026-01-01T00:00:00.000Z"));
    let mut receipt = samples::receipt();
    receipt.proof.key_id = key.key_id;
    receipt.proof.signature.0 = [0; 64];
    receipt.proof.signature.0[0] = 1;
    assert_eq!(verify_receipt(&receipt, &key), Err(ReceiptError::Signature));
}

#[test]
fn a_receipt_has_no_other_members_and_one_spelling() {
    let good = serde_json::to_string(&samples::receipt()).unwrap();
    for (from, to, place) in [
        (r#""type":"ingam-receipt""#, r#""type":"receipt""#, "/promise/type"),
        (r#""version":1"#, r#""version":2"#, "/promise"),
        (r#""version":1"#, r#""version":1,"extra":1"#, "/promise/extra"),
        (r#""version":1"#, r#""version":1,"version":1"#, "/promise/version"),
        (r#""index":0"#, r#""index":0.0"#, "/proof/index"),
        (r#""index":0"#, r#""index":0,"note":null"#, "/proof/note"),
        (r#""chainId":31337"#, r#""chainId":9007199254740992"#, "/promise/chainId"),
        ("0x1111", "0xAAAA", "/promise/registry"),
        (".250Z", ".25Z", "/promise/receivedAt"),
        (r#""proof":{"#, r#""other":1,"proof":{"#, "/other"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        match Receipt::parse(changed.as_bytes()) {
            Err(DocumentError::At { pointer, .. }) => assert_eq!(pointer, place, "{to}"),
            other => panic!("{to}: {other:?}"),
        }
    }
}

proptest! {
    /// What a reader hashes is what the service hashed, whatever the platform calls its badge.
    #[test]
    fn any_external_id_survives(external_id in any::<String>()) {
        let promise = Promise { external_id: Some(external_id), ..samples::promise() };
        let receipt = samples::key().issue(promise);
        let text = serde_json::to_string_pretty(&receipt).unwrap();
        let read = Receipt::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(&read, &receipt);
        prop_assert_eq!(verify_receipt(&read, &trusted()), Ok(()));
    }
}
