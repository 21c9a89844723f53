//! Hostile JSON: verdict and reason for every file.

use badge::{Code, json};

use crate::fixtures;

#[test]
fn every_hostile_file_gets_its_verdict() {
    let rows = fixtures::table::<4>("expected-json-policy.tsv");
    let (mut accepted, mut refused) = (0, 0);
    for [file, verdict, expected, top] in &rows {
        let bytes = fixtures::bytes(file);
        match json::parse(&bytes) {
            Ok(value) => {
                assert_eq!(verdict, "accept", "{file}");
                assert_eq!(value.digest().unwrap().to_string(), *expected, "{file}");
                let as_badge = badge::read(&bytes).unwrap_err().code;
                let code = if top == "dict" { Code::NotABadge } else { Code::UnknownForm };
                assert_eq!(as_badge, code, "{file}");
                accepted += 1;
            }
            Err(refusal) => {
                assert_eq!(verdict, "reject", "{file}: {refusal}");
                assert_eq!(refusal.code.as_str(), expected, "{file}");
                assert!(badge::read(&bytes).is_err(), "{file}");
                refused += 1;
            }
        }
    }
    assert_eq!((accepted, refused), (31, 60));
    assert_eq!(rows.len(), fixtures::folder("json-hostile").len());
}

#[test]
fn every_refused_file_gets_its_place() {
    let refused = |row: [String; 4]| (row[1] == "reject").then(|| row[0].clone());
    let files: Vec<String> =
        fixtures::table("expected-json-policy.tsv").into_iter().filter_map(refused).collect();
    let places = fixtures::table::<2>("expected-json-places.tsv");
    for ([file, place], expected) in places.iter().zip(&files) {
        assert_eq!(file, expected);
        assert_eq!(json::parse(&fixtures::bytes(file)).unwrap_err().place.to_string(), *place);
    }
    assert_eq!(places.len(), files.len());
}

#[test]
fn the_place_is_named() {
    for (text, refusal) in [
        (r#"{"a":1,"b":2,"\u0061":3}"#, "duplicate_key at byte 13: "),
        (r#"{"a":[1,]}"#, "syntax at byte 8: "),
        ("\u{feff}{\"a\":\"\\ud800\"}", "lone_surrogate at byte 9: "),
        (r#"{"a":9007199254740992}"#, "unsafe_integer at byte 5: "),
        (r#"{"proof":1}"#, "not_a_badge at the top: "),
        (r#"{"type":"VerifiableCredential","proof":1}"#, "proof_not_allowed at /proof: "),
        ("\u{89}PNG", "unknown_form at byte 0: "),
    ] {
        let found = badge::read(text.as_bytes()).unwrap_err().to_string();
        assert!(found.starts_with(refusal), "{text}: {found}");
    }
}

#[test]
fn depth_and_size_end_where_they_should() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(json::parse(nested(json::MAX_DEPTH).as_bytes()).is_ok());
    let deeper = json::parse(nested(json::MAX_DEPTH + 1).as_bytes()).unwrap_err();
    assert_eq!(deeper.code, Code::TooDeep);

    let padded = |length: usize| format!("\"{}\"", "a".repeat(length - 2));
    assert!(json::parse(padded(json::MAX_BYTES).as_bytes()).is_ok());
    let longer = json::parse(padded(json::MAX_BYTES + 1).as_bytes()).unwrap_err();
    assert_eq!(longer.code, Code::TooLarge);
}

#[test]
fn what_grows_beyond_the_limit_in_canonical_form_is_refused() {
    let numbers = vec!["1e15"; json::MAX_BYTES / 8].join(",");
    let text = format!(r#"{{"type":"VerifiableCredential","proof":[],"a":[{numbers}]}}"#);
    assert!(text.len() < json::MAX_BYTES);
    assert_eq!(badge::read(text.as_bytes()).unwrap_err().code, Code::TooLarge);
}
