//! What is found on every signed fixture.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use issuer_signature::Signature;

pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/badges");

pub(crate) fn bytes(file: &str) -> Vec<u8> {
    fs::read(Path::new(FOLDER).join(file)).unwrap()
}

/// The signatures of a badge, whose issuers are those that it names itself.
pub(crate) fn check(bytes: &[u8]) -> Result<Vec<Signature>, badge::Code> {
    let issuers = badge::read(bytes).map(|badge| badge.issuers).unwrap_or_default();
    issuer_signature::check(bytes, &issuers).map_err(|refusal| refusal.code)
}

/// Fixtures whose signatures are right, with algorithm and code.
pub(crate) const RIGHT: &[(&str, &[(&str, &str)])] = &[
    ("clr2/clr-simple.jwt", &[("RS256", "signer_unknown")]),
    ("ob3-baked-png/simple-jwt_v1.png", &[("RS256", "signer_unknown")]),
    ("ob3-baked-svg/simple-jwt.svg", &[("RS256", "signer_unknown")]),
    ("ob3-json/dcc-v1Expired.json", &[("Ed25519Signature2020", "by_issuer")]),
    ("ob3-json/dcc-v1NoStatus.json", &[("Ed25519Signature2020", "by_issuer")]),
    (
        "ob3-json/dcc-v2DoubleSigWithBadStatusUrl.json",
        &[("Ed25519Signature2020", "by_issuer"), ("eddsa-rdfc-2022", "by_issuer")],
    ),
    ("ob3-json/dcc-v2EddsaWithValidStatus.json", &[("eddsa-rdfc-2022", "by_issuer")]),
    ("ob3-json/dcc-v2NoStatus.json", &[("Ed25519Signature2020", "by_issuer")]),
    ("ob3-json/dcc-v2OBv3SpecExample.json", &[("eddsa-rdfc-2022", "by_issuer")]),
    ("ob3-json/dcc-v2RevokedAndExpired.json", &[("Ed25519Signature2020", "by_issuer")]),
    ("ob3-json/simple-did-key-method.json", &[("eddsa-rdfc-2022", "signer_unknown")]),
    ("ob3-jwt/credo-v2-vc.jwt", &[("ES256", "by_issuer")]),
    (
        // its claim `iss` is the key, its member `issuer` is not
        "ob3-jwt/waltid-openbadgecredential_sample.invalidnotbefore.signed.jwt",
        &[("EdDSA", "signer_unknown")],
    ),
    ("ob3-jwt/waltid-openbadgecredential_sample.signed.jwt", &[("EdDSA", "signer_unknown")]),
    (
        "vc-di-vectors/ecdsa-rdfc-2019-p256_signedECDSAP256.json",
        &[("ecdsa-rdfc-2019", "signer_unknown")],
    ),
    ("vc-di-vectors/eddsa-jcs-2022_signedJCS.json", &[("eddsa-jcs-2022", "signer_unknown")]),
    ("vc-di-vectors/eddsa-rdfc-2022_signedDataInt.json", &[("eddsa-rdfc-2022", "signer_unknown")]),
    (
        "vc-di-vectors/proof-set-chain_signedProofSet2.json",
        &[("eddsa-rdfc-2022", "signer_unknown"), ("eddsa-rdfc-2022", "signer_unknown")],
    ),
];

/// The others.
const OTHERS: &[(&str, &[(&str, &str)])] = &[
    ("blockcerts/v3_blockcerts-3.0-beta.json", &[("MerkleProof2019", "unsupported_suite")]),
    (
        "blockcerts/v3_mocknet-vc-v2-credential-schema-invalid.json",
        &[("merkle-proof-2019", "unsupported_suite")],
    ),
    (
        "blockcerts/v3_mocknet-vc-v2-credential-schema.json",
        &[("merkle-proof-2019", "unsupported_suite")],
    ),
    (
        "blockcerts/v3_mocknet-vc-v2-data-integrity-proof-multiple-signatures-non-chained.json",
        &[("merkle-proof-2019", "unsupported_suite"), ("merkle-proof-2019", "unsupported_suite")],
    ),
    (
        "blockcerts/v3_mocknet-vc-v2-name-description-multilingual.json",
        &[("merkle-proof-2019", "unsupported_suite")],
    ),
    ("clr2/clr-simple.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("clr2/clr-simple_old_safesigned.json", &[("Ed25519Signature2020", "key_at_url")]),
    ("ob2-jws/ob20-simple-revoked.jwt", &[("RS256", "key_at_url")]),
    ("ob2-jws/ob20-simple.jwt", &[("RS256", "key_at_url")]),
    ("ob3-baked-png/simple-json.png", &[("eddsa-rdfc-2022", "key_at_url")]),
    (
        "ob3-json/bit-string-list_credential-status-revoked.json",
        &[("eddsa-rdfc-2022", "key_at_url")],
    ),
    ("ob3-json/complete.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/credential-status-revoked.json", &[("Ed25519Signature2020", "key_at_url")]),
    (
        "ob3-json/endorsement-err-schema-status-refresh.json",
        &[("Ed25519Signature2020", "key_at_url")],
    ),
    ("ob3-json/sd_derivedcredential.json", &[("ecdsa-sd-2023", "unsupported_suite")]),
    ("ob3-json/simple-context-alias.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/simple-eddsa-2022.json", &[("eddsa-2022", "unsupported_suite")]),
    ("ob3-json/simple-err-context.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/simple-err-credential-subject-type.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/simple-err-expired.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/simple-err-issuer-type.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/simple-err-proof-method-no-scheme.json", &[("eddsa-rdfc-2022", "key_not_embedded")]),
    ("ob3-json/simple-err-proof-value.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/simple-err-type.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/simple.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    ("ob3-json/simple_v1.json", &[("Ed25519Signature2020", "key_at_url")]),
    ("ob3-jwt/1edtech-simple.jwt", &[("RS256", "key_at_url")]),
    (
        "ob3-jwt/waltid-openbadgecredential_sample.signed.badsignature.jwt",
        &[("EdDSA", "wrong_signature")],
    ),
    ("status/1edtech-bitstring-testlist.json", &[("eddsa-rdfc-2022", "key_at_url")]),
    (
        "status/blockcerts-status-list-2021-suspension.json",
        &[("EcdsaSecp256k1Signature2019", "unsupported_suite")],
    ),
    ("vc-json/credential-proof-missing-type-fail.json", &[("", "unsupported_suite")]),
    ("vc-json/credential-proof-ok.json", &[("Ed25519Signature2020", "malformed_proof")]),
];

/// Folders of badges, signed and not.
const FOLDERS: [&str; 14] = [
    "blockcerts",
    "clr2",
    "ob1-json",
    "ob2-baked-png",
    "ob2-baked-svg",
    "ob2-json",
    "ob2-jws",
    "ob3-baked-png",
    "ob3-baked-svg",
    "ob3-json",
    "ob3-jwt",
    "status",
    "vc-di-vectors",
    "vc-json",
];

#[test]
fn every_signed_fixture_has_its_code() {
    let mut expected: BTreeMap<&str, &[(&str, &str)]> =
        RIGHT.iter().chain(OTHERS).copied().collect();
    for folder in FOLDERS {
        for entry in fs::read_dir(Path::new(FOLDER).join(folder)).unwrap() {
            let file = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            let Ok(signatures) = check(&bytes(&file)) else { continue };
            let found: Vec<_> =
                signatures.iter().map(|one| (one.algorithm.as_str(), one.code.as_str())).collect();
            assert_eq!(found, expected.remove(file.as_str()).unwrap_or_default(), "{file}");
        }
    }
    assert!(expected.is_empty(), "{expected:?}");
}

#[test]
fn key_and_place_are_told() {
    let signatures = check(&bytes("ob3-json/dcc-v2DoubleSigWithBadStatusUrl.json")).unwrap();
    let places: Vec<_> = signatures.iter().map(|one| one.place.as_str()).collect();
    assert_eq!(places, ["/proof/0", "/proof/1"]);
    let key = signatures[1].key.as_deref().unwrap();
    assert!(key.starts_with("did:key:z6MknNQD1WHLGGraFi6zcbGevuAgkVfdyCdtZnQTGWVVvR5Q#z6Mkn"));
    let signatures = check(&bytes("clr2/clr-simple.jwt")).unwrap();
    assert_eq!((signatures[0].place.as_str(), signatures[0].key.as_ref()), ("jws", None));
}
