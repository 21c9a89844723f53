//! Badges signed by keys of this test, in every relation of key and issuer.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use issuer_signature::{Code, overall};
use serde_json::{Value, json};

use crate::fixtures::check;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn multibase(key: &SigningKey) -> String {
    let bytes = [&[0xed, 0x01], &key.verifying_key().to_bytes()[..]].concat();
    format!("z{}", bs58::encode(bytes).into_string())
}

fn did(key: &SigningKey) -> String {
    format!("did:key:{}", multibase(key))
}

fn jwk(key: &SigningKey) -> Value {
    let x = BASE64_URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "x": x})
}

fn credential(issuer: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": {"id": issuer},
        "credentialSubject": {"id": "did:example:learner"},
    })
}

fn jcs_digest(value: &Value) -> [u8; 32] {
    badge::json::parse(value.to_string().as_bytes()).unwrap().digest().unwrap().0
}

/// A proof of `credential` by `eddsa-jcs-2022`, with some members more.
fn jcs_proof(credential: &Value, key: &SigningKey, more: Value) -> Value {
    let mut proof = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": format!("{}#{}", did(key), multibase(key)),
        "proofPurpose": "assertionMethod",
    });
    let Value::Object(more) = more else { panic!("members") };
    proof.as_object_mut().unwrap().extend(more);
    let data = [jcs_digest(&proof), jcs_digest(credential)].concat();
    let signature = bs58::encode(key.sign(&data).to_bytes()).into_string();
    proof["proofValue"] = format!("z{signature}").into();
    proof
}

fn with_proofs(mut credential: Value, proofs: impl Into<Value>) -> Vec<u8> {
    credential["proof"] = proofs.into();
    credential.to_string().into_bytes()
}

fn codes(badge: &[u8]) -> (Vec<Code>, Code) {
    let signatures = check(badge).unwrap();
    (signatures.iter().map(|one| one.code).collect(), overall(&signatures))
}

#[test]
fn only_the_issuers_own_key_passes() {
    let (issuer, other) = (key(1), key(2));
    let own = credential(&did(&issuer));
    let by_issuer = jcs_proof(&own, &issuer, json!({}));
    let by_other = jcs_proof(&own, &other, json!({}));
    let mut wrong = by_other.clone();
    wrong["proofValue"] = by_issuer["proofValue"].clone();
    for (proofs, found, together) in [
        (json!(by_issuer), vec![Code::ByIssuer], Code::ByIssuer),
        (json!(by_other), vec![Code::OtherKey], Code::OtherKey),
        (json!([by_other, by_issuer]), vec![Code::CoSigner, Code::ByIssuer], Code::ByIssuer),
        (
            json!([by_issuer, wrong]),
            vec![Code::ByIssuer, Code::WrongSignature],
            Code::WrongSignature,
        ),
        (json!([]), vec![], Code::Unsigned),
    ] {
        let badge = with_proofs(own.clone(), proofs);
        assert_eq!(codes(&badge), (found, together), "{}", String::from_utf8_lossy(&badge));
    }
    for issuer in ["https://issuer.example/", "did:web:issuer.example"] {
        let credential = credential(issuer);
        let proof = jcs_proof(&credential, &other, json!({}));
        assert_eq!(codes(&with_proofs(credential, proof)).1, Code::SignerUnknown);
    }
}

#[test]
fn a_proof_of_anchoring_is_no_signature() {
    let issuer = key(1);
    let own = credential(&did(&issuer));
    let anchor = json!({"type": "DataIntegrityProof", "cryptosuite": proof::CRYPTOSUITE});
    let signed = jcs_proof(&own, &issuer, json!({}));
    let badge = with_proofs(own.clone(), json!([anchor, signed]));
    let signatures = check(&badge).unwrap();
    assert_eq!((signatures.len(), signatures[0].place.as_str()), (1, "/proof/1"));
    assert_eq!(codes(&with_proofs(own, anchor)).1, Code::Unsigned);
}

#[test]
fn proofs_that_are_no_plain_assertion_are_not_judged() {
    let issuer = key(1);
    let own = credential(&did(&issuer));
    for (more, code) in [
        (json!({"created": "2026-01-01T00:00:00Z"}), Code::ByIssuer),
        (json!({"expires": "2026-01-01T00:00:00Z"}), Code::UnsupportedProof),
        (json!({"previousProof": "urn:uuid:1"}), Code::UnsupportedProof),
        (json!({"proofPurpose": "authentication"}), Code::UnsupportedProof),
        (json!({"cryptosuite": "bbs-2023"}), Code::UnsupportedSuite),
        (json!({"cryptosuite": "ecdsa-jcs-2019"}), Code::UnsupportedAlgorithm),
        (json!({"type": "Ed25519Signature2018"}), Code::UnsupportedSuite),
        (json!({"verificationMethod": 7}), Code::MalformedProof),
        (json!({"verificationMethod": "https://issuer.example/#1"}), Code::KeyAtUrl),
        (json!({"@context": ["https://www.w3.org/ns/credentials/v2"]}), Code::ByIssuer),
        (json!({"@context": "https://www.w3.org/ns/credentials/v1"}), Code::WrongSignature),
    ] {
        let proof = jcs_proof(&own, &issuer, more.clone());
        assert_eq!(codes(&with_proofs(own.clone(), proof)).1, code, "{more}");
    }
    for (value, code) in [
        (json!("z"), Code::MalformedSignature),
        (json!("uAAAA"), Code::MalformedSignature),
        (json!(format!("z{}", "1".repeat(100_000))), Code::MalformedSignature),
        (json!(null), Code::MalformedProof),
    ] {
        let mut proof = jcs_proof(&own, &issuer, json!({}));
        proof["proofValue"] = value.clone();
        assert_eq!(codes(&with_proofs(own.clone(), proof)).1, code, "{value}");
    }
    let proof = jcs_proof(&own, &issuer, json!({}));
    let (found, _) = codes(&with_proofs(own, vec![proof; 20]));
    assert_eq!(found[..16], [Code::ByIssuer; 16]);
    assert_eq!(found[16..], [Code::TooComplex], "the four beyond are told in one");
}

/// Canonical N-Quads are written out here, so that the test does not lean on what it tests.
#[test]
fn language_tags_are_signed_in_either_case() {
    const TYPE: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";
    const VC: &str = "https://www.w3.org/2018/credentials#";
    const SECURITY: &str = "https://w3id.org/security#";
    let issuer = key(1);
    let did = did(&issuer);
    let mut document = credential(&did);
    document["name"] = json!({"@value": "Semiconductors", "@language": "en-US"});
    for (tag, code) in
        [("en-us", Code::ByIssuer), ("en-US", Code::ByIssuer), ("EN-US", Code::WrongSignature)]
    {
        let statements = format!(
            "_:c14n0 {TYPE} <{VC}VerifiableCredential> .\n\
             _:c14n0 <https://schema.org/name> \"Semiconductors\"@{tag} .\n\
             _:c14n0 <{VC}credentialSubject> <did:example:learner> .\n\
             _:c14n0 <{VC}issuer> <{did}> .\n"
        );
        let config = format!(
            "_:c14n0 {TYPE} <{SECURITY}DataIntegrityProof> .\n\
             _:c14n0 <{SECURITY}cryptosuite> \"eddsa-rdfc-2022\"^^<{SECURITY}cryptosuiteString> .\n\
             _:c14n0 <{SECURITY}proofPurpose> <{SECURITY}assertionMethod> .\n\
             _:c14n0 <{SECURITY}verificationMethod> <{did}> .\n"
        );
        let hash = |text: &str| proof::Hash::of(&[text.as_bytes()]).0;
        let signature = issuer.sign(&[hash(&config), hash(&statements)].concat());
        let proof = json!({
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "verificationMethod": did,
            "proofPurpose": "assertionMethod",
            "proofValue": format!("z{}", bs58::encode(signature.to_bytes()).into_string()),
        });
        assert_eq!(codes(&with_proofs(document.clone(), proof)).1, code, "{tag}");
    }
}

fn jwt(header: &Value, payload: &Value, key: &SigningKey) -> Vec<u8> {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", part(header), part(payload));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).to_bytes());
    format!("{input}.{signature}").into_bytes()
}

#[test]
fn a_jwt_names_its_key_in_many_ways() {
    let (issuer, other) = (key(1), key(2));
    let payload = |issuer: &str| {
        let mut payload = credential(issuer);
        payload["iss"] = issuer.into();
        payload
    };
    let own = payload(&did(&issuer));
    let elsewhere = payload("https://issuer.example/");
    for (header, payload, code) in [
        (json!({"kid": did(&issuer)}), &own, Code::ByIssuer),
        (json!({"kid": format!("{}#{}", did(&issuer), multibase(&issuer))}), &own, Code::ByIssuer),
        (json!({"kid": format!("#{}", multibase(&issuer))}), &own, Code::ByIssuer),
        (json!({"kid": multibase(&issuer)}), &own, Code::ByIssuer),
        (json!({"kid": "key-1"}), &own, Code::ByIssuer),
        (json!({}), &own, Code::ByIssuer),
        (json!({"jwk": jwk(&issuer)}), &own, Code::ByIssuer),
        (json!({"jwk": jwk(&issuer), "kid": did(&issuer)}), &own, Code::ByIssuer),
        (json!({"jwk": jwk(&other), "kid": did(&issuer)}), &own, Code::AmbiguousKey),
        (json!({"jwk": jwk(&other)}), &own, Code::WrongSignature),
        (json!({"kid": did(&other)}), &own, Code::WrongSignature),
        (json!({"jwk": jwk(&issuer)}), &elsewhere, Code::SignerUnknown),
        (
            json!({"jwk": jwk(&issuer), "kid": "https://issuer.example/keys/1"}),
            &elsewhere,
            Code::SignerUnknown,
        ),
        (json!({"kid": "https://issuer.example/keys/1"}), &elsewhere, Code::KeyAtUrl),
        (json!({"kid": "did:web:issuer.example#1"}), &elsewhere, Code::KeyAtUrl),
        (json!({"jku": "https://issuer.example/keys"}), &elsewhere, Code::KeyAtUrl),
        (json!({"kid": "key-1"}), &elsewhere, Code::KeyNotEmbedded),
        (json!({"x5c": ["AAAA"]}), &elsewhere, Code::UnsupportedKey),
        (json!({"jwk": {"kty": "oct", "k": "AAAA"}}), &own, Code::UnsupportedKey),
        (json!({"jwk": {}}), &own, Code::MalformedKey),
        (json!({"alg": "HS256", "jwk": jwk(&issuer)}), &own, Code::UnsupportedAlgorithm),
        (json!({"alg": "ES256", "jwk": jwk(&issuer)}), &own, Code::UnsupportedAlgorithm),
    ] {
        let mut header = header;
        if header.get("alg").is_none() {
            header["alg"] = "EdDSA".into();
        }
        assert_eq!(codes(&jwt(&header, payload, &issuer)).1, code, "{header}");
    }
    // a right signature by the key it names, under a badge that names another key
    let header = json!({"alg": "EdDSA", "kid": did(&other)});
    assert_eq!(codes(&jwt(&header, &own, &other)).1, Code::OtherKey);
}

#[test]
fn an_unprotected_header_is_not_believed() {
    let issuer = key(1);
    let mut own = credential(&did(&issuer));
    own["iss"] = did(&issuer).into();
    let text = String::from_utf8(jwt(&json!({"kid": did(&issuer)}), &own, &issuer)).unwrap();
    let [protected, payload, signature] = text.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let general = json!({
        "payload": payload, "protected": protected, "header": {"alg": "EdDSA"},
        "signature": signature,
    });
    assert_eq!(codes(general.to_string().as_bytes()).1, Code::UnsupportedHeader);
}

#[test]
fn linked_data_that_a_signature_would_not_cover_is_told() {
    let issuer = key(1);
    let own = credential(&did(&issuer));
    let mut proof = jcs_proof(&own, &issuer, json!({}));
    proof["cryptosuite"] = "eddsa-rdfc-2022".into();
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let uncertain = [
        "https://www.w3.org/2018/credentials/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
        "https://w3id.org/security/data-integrity/v2",
    ];
    for (name, value, code) in [
        ("@context", json!([v2]), Code::WrongSignature),
        ("@context", json!(uncertain), Code::UncertainContext),
        ("@context", json!([v2, {"@vocab": "urn:x:"}]), Code::InlineContext),
        ("@context", json!([v2, null]), Code::InlineContext),
        ("@context", json!([v2, "https://issuer.example/context"]), Code::UnknownContext),
        ("@context", json!(vec![v2; 129]), Code::TooComplex),
        ("@context", json!([]), Code::UndefinedTerm),
        ("grade", json!("A"), Code::UndefinedTerm),
        ("credentialSubject", json!({"grade": "A"}), Code::UndefinedTerm),
        ("credentialSubject", json!({"id": "relative"}), Code::UndefinedTerm),
        ("credentialSubject", json!({"type": "Learner"}), Code::UndefinedTerm),
        ("credentialSubject", json!({"id": "http://a.example/<>"}), Code::UnsupportedJsonLd),
        ("credentialSubject", json!({"id": "@unknown"}), Code::UnsupportedJsonLd),
        ("credentialSubject", json!({"@reverse": {}}), Code::UnsupportedJsonLd),
        ("credentialSubject", json!({"id": 7}), Code::UnsupportedJsonLd),
        ("name", json!({"@value": "x", "@language": "no tag"}), Code::UnsupportedJsonLd),
        ("credentialSubject", json!(vec![json!({}); 2_001]), Code::TooComplex),
        ("type", json!(vec!["VerifiableCredential"; 2_001]), Code::TooComplex),
        ("credentialSubject", json!({"@type": vec!["JsonSchema"; 2_001]}), Code::TooComplex),
        ("cnf", json!(vec!["urn:x:y"; 2_001]), Code::TooComplex),
        ("JsonSchema", json!(vec!["urn:x:y"; 2_001]), Code::TooComplex),
    ] {
        let mut document = own.clone();
        document[name] = value.clone();
        let badge = with_proofs(document, proof.clone());
        let shown: String = value.to_string().chars().take(80).collect();
        assert_eq!(codes(&badge).1, code, "{name} = {shown}");
    }
}

#[test]
fn a_badge_and_its_proofs_have_one_limit() {
    let issuer = key(1);
    let own = credential(&did(&issuer));
    let mut proof = jcs_proof(&own, &issuer, json!({}));
    proof["cryptosuite"] = "eddsa-rdfc-2022".into();
    // every proof has the contexts of the document once more
    let mut repeated = own.clone();
    repeated["@context"] = json!(vec!["https://www.w3.org/ns/credentials/v2"; 43]);
    let (found, _) = codes(&with_proofs(repeated, vec![proof.clone(); 3]));
    assert_eq!(found, [Code::WrongSignature, Code::TooComplex, Code::TooComplex]);
    // 1,997 objects, and two for each proof, whose purpose has a context of its own
    let mut large = own;
    large["credentialSubject"] = json!(vec![json!({}); 1_995]);
    let (found, _) = codes(&with_proofs(large, vec![proof; 2]));
    assert_eq!(found, [Code::WrongSignature, Code::TooComplex]);
}
