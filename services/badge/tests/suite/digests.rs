//! The digests on which three independent implementations agreed.

use std::collections::BTreeMap;

use badge::{Code, json, read_json_value_digest};

use crate::fixtures;

/// Refused by the rule on `proof` (its proof has no type), against its row in the table.
const PROOF_WITHOUT_TYPE: &str = "vc-json/credential-proof-missing-type-fail.json";

/// Images without a credential inside.
const WITHOUT_CREDENTIAL: [&str; 2] =
    ["ob2-baked-png/public_domain_heart.png", "ob2-baked-png/salava-legacy-text-url.png"];

#[test]
fn every_bare_json_file_has_its_published_digest() {
    let (mut checked, mut other_tops, mut refused) = (0, 0, Vec::new());
    for [file, with_proof, without_proof, carrier, note] in
        fixtures::table("expected-jcs-sha256.tsv")
    {
        if carrier != "file" {
            continue;
        }
        let bytes = fixtures::bytes(&file);
        if note.starts_with("unparsable") {
            assert_eq!(json::parse(&bytes).unwrap_err().code, Code::Syntax, "{file}");
            refused.push(file);
            continue;
        }
        let value = json::parse(&bytes).unwrap_or_else(|refusal| panic!("{file}: {refusal}"));
        assert_eq!(value.digest().unwrap().to_string(), with_proof, "{file}");
        match read_json_value_digest(&bytes) {
            Ok(digest) => {
                assert_eq!(digest.to_string(), without_proof, "{file}");
                checked += 1;
            }
            Err(refusal) if refusal.code == Code::NotAnObject => {
                assert_eq!(with_proof, without_proof, "{file}");
                other_tops += 1;
            }
            Err(refusal) => {
                assert_eq!(refusal.code, Code::ProofNotAllowed, "{file}");
                refused.push(file);
            }
        }
    }
    assert_eq!((checked, other_tops), (97, 3));
    assert_eq!(refused, ["ob2-json/redirected-validation-subject.json", PROOF_WITHOUT_TYPE]);
}

#[test]
fn every_wrapped_file_has_its_published_digest() {
    let (mut forms, mut refused) = (BTreeMap::new(), Vec::new());
    for [file, with_proof, without_proof, carrier, _] in fixtures::table("expected-jcs-sha256.tsv")
    {
        if carrier == "file" {
            continue;
        }
        let bytes = fixtures::bytes(&file);
        let Ok(badge) = badge::read(&bytes) else {
            assert_eq!([&*with_proof, &*without_proof], ["-", "-"], "{file}");
            refused.push(file);
            continue;
        };
        assert_eq!(badge.digest.to_string(), without_proof, "{file}");
        let whole = badge::open(&bytes, |opened| opened.credential.digest()).unwrap();
        assert_eq!(whole.to_string(), with_proof, "{file}");
        let form = match carrier.split(['-', ':']).next().unwrap() {
            "png" if carrier.ends_with("+jws") => "png+jws",
            "png" => "png+json",
            "svg" if carrier.ends_with("+jws") => "svg+jws",
            "svg" => "svg+json",
            _ => "jws",
        };
        assert_eq!(badge.form.to_string(), form, "{file}");
        *forms.entry(form).or_insert(0) += 1;
    }
    let expected = [("jws", 8), ("png+json", 4), ("png+jws", 1), ("svg+json", 1), ("svg+jws", 1)];
    assert_eq!(forms, expected.into());
    assert_eq!(refused, WITHOUT_CREDENTIAL);
}

#[test]
fn equals_the_document_hash_of_eddsa_jcs_2022() {
    let published = fixtures::text("vc-di-vectors/eddsa-jcs-2022_docHashJCS.txt");
    assert_eq!(published, "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19");
    let signed = badge::read(&fixtures::bytes("vc-di-vectors/eddsa-jcs-2022_signedJCS.json"));
    assert_eq!(signed.unwrap().digest.to_string(), published);
    let unsigned = fixtures::bytes("vc-di-vectors/unsigned.json");
    let jcs = json::parse(&unsigned).unwrap().to_jcs().unwrap();
    assert_eq!(jcs, fixtures::bytes("vc-di-vectors/eddsa-jcs-2022_canonDocJCS.txt"));
}

#[test]
fn proofs_added_or_changed_leave_the_digest() {
    let digest = |file: &str| badge::read(&fixtures::bytes(file)).unwrap().digest;
    assert_eq!(digest("ob3-json/simple.json"), digest("ob3-json/simple-err-proof-value.json"));
    assert_ne!(digest("ob3-json/simple.json"), digest("ob3-json/simple-err-expired.json"));
}

#[test]
fn written_anew_is_the_same() {
    let file = fixtures::text("ob3-json/complete.json");
    let digest = badge::read(file.as_bytes()).unwrap().digest;
    let jcs = json::parse(file.as_bytes()).unwrap().to_jcs().unwrap();
    let windows = format!("\u{feff}{}", file.replace('\n', "\r\n"));
    for rewritten in [jcs, windows.into_bytes()] {
        assert_eq!(badge::read(&rewritten).unwrap().digest, digest);
    }
}
