//! Right signatures, and then one thing changed: never right any more.

use issuer_signature::{Code, Outcome};
use serde_json::Value;

use crate::fixtures::{RIGHT, bytes, check};

/// Whether the signature fits the badge, whoever's it is.
fn fits(code: Code) -> bool {
    matches!(code, Code::ByIssuer | Code::SignerUnknown | Code::CoSigner | Code::OtherKey)
}

/// The fixtures that are JSON, with how many proofs they have.
fn credentials() -> Vec<(&'static str, Value)> {
    let json = RIGHT.iter().filter(|(file, _)| file.ends_with(".json"));
    json.map(|(file, _)| (*file, serde_json::from_slice(&bytes(file)).unwrap())).collect()
}

/// Pointers to every text, number and boolean, and to every object.
fn places(value: &Value, at: &str, leaves: &mut Vec<String>, objects: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            objects.push(at.to_owned());
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{at}/{name}"), leaves, objects);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                places(value, &format!("{at}/{index}"), leaves, objects);
            }
        }
        Value::Null => {}
        _ => leaves.push(at.to_owned()),
    }
}

fn changed(value: &Value) -> Value {
    match value {
        Value::Bool(bool) => Value::Bool(!bool),
        Value::Number(number) => (number.as_f64().unwrap() + 1.5).into(),
        other => format!("{}x", other.as_str().unwrap()).into(),
    }
}

/// Asserts that a changed document has no fitting signature; with several proofs, a change of one
/// concerns that one.
fn assert_unfit(file: &str, document: &Value, place: &str) {
    let text = document.to_string();
    let Ok(signatures) = check(text.as_bytes()) else { return };
    for signature in signatures {
        let concerned = !place.starts_with("/proof/") || place.starts_with(&signature.place);
        assert!(!(concerned && fits(signature.code)), "{file} {place}: {signature:?}");
    }
}

#[test]
fn any_one_value_changed_breaks_the_signature() {
    let mut tried = 0;
    for (file, document) in credentials() {
        let (mut leaves, mut objects) = (Vec::new(), Vec::new());
        places(&document, "", &mut leaves, &mut objects);
        for place in leaves {
            let mut document = document.clone();
            let value = document.pointer_mut(&place).unwrap();
            *value = changed(value);
            assert_unfit(file, &document, &place);
            tried += 1;
        }
    }
    assert!(tried >= 300, "{tried}");
}

#[test]
fn any_member_added_or_removed_breaks_the_signature() {
    for (file, document) in credentials() {
        let (mut leaves, mut objects) = (Vec::new(), Vec::new());
        places(&document, "", &mut leaves, &mut objects);
        for place in objects {
            let object = document.pointer(&place).unwrap().as_object().unwrap();
            for name in object.keys().filter(|name| *name != "proof") {
                let mut document = document.clone();
                document.pointer_mut(&place).unwrap().as_object_mut().unwrap().remove(name);
                let place = if place.is_empty() { format!("/{name}") } else { place.clone() };
                assert_unfit(file, &document, &place);
            }
            for (name, value) in [
                ("name", Value::from("other")),
                ("undefined word", Value::from("other")),
                ("https://a.example/word", Value::from("other")),
                ("@index", Value::from("other")),
                ("@graph", Value::from(vec![serde_json::json!({"name": "other"})])),
                ("evidence", serde_json::json!({"id": "not an IRI", "name": "other"})),
                ("evidence", serde_json::json!({"id": "relative"})),
                ("evidence", serde_json::json!({"type": "@unknown"})),
                ("evidence", serde_json::json!({"name": {"@value": "x", "@language": "??"}})),
            ] {
                if object.contains_key(name) {
                    continue;
                }
                let mut document = document.clone();
                let object = document.pointer_mut(&place).unwrap().as_object_mut().unwrap();
                object.insert(name.to_owned(), value.clone());
                let added = format!("{place}/{name} = {value}");
                assert_unfit(file, &document, &added);
            }
        }
    }
}

#[test]
fn a_proof_fits_only_its_badge() {
    let credentials = credentials();
    for (file, document) in &credentials {
        for (other, donor) in &credentials {
            let same = document["credentialSubject"] == donor["credentialSubject"]
                && document["validUntil"] == donor["validUntil"];
            if file == other || same {
                continue;
            }
            let mut document = document.clone();
            document["proof"] = donor["proof"].clone();
            for signature in check(document.to_string().as_bytes()).unwrap() {
                assert!(!fits(signature.code), "{file} with the proof of {other}: {signature:?}");
            }
        }
    }
}

#[test]
fn another_key_does_not_fit() {
    const OTHER: &str = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
    for (file, mut document) in credentials() {
        let proof = match &mut document["proof"] {
            Value::Array(proofs) => &mut proofs[0],
            proof => proof,
        };
        if proof["verificationMethod"].as_str().unwrap().starts_with(OTHER) {
            continue;
        }
        proof["verificationMethod"] = OTHER.into();
        let signatures = check(document.to_string().as_bytes()).unwrap();
        let expected = match signatures[0].algorithm.as_str() {
            "ecdsa-rdfc-2019" => Code::UnsupportedAlgorithm,
            _ => Code::WrongSignature,
        };
        assert_eq!(signatures[0].code, expected, "{file}");
        let failed = issuer_signature::overall(&signatures).outcome() == Outcome::Failed;
        assert_eq!(failed, expected == Code::WrongSignature, "{file}");
    }
}

#[test]
fn any_one_letter_of_a_jws_changed_breaks_the_signature() {
    for (file, _) in RIGHT.iter().filter(|(file, _)| file.ends_with(".jwt")) {
        let text = String::from_utf8(bytes(file)).unwrap().trim().to_owned();
        for at in (0..text.len()).step_by(7) {
            let letter = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            let changed = format!("{}{letter}{}", &text[..at], &text[at + 1..]);
            let Ok(signatures) = check(changed.as_bytes()) else { continue };
            assert!(!fits(signatures[0].code), "{file} at {at}: {:?}", signatures[0]);
        }
    }
}
