//! What must hold for every text, not only for the fixtures.

use badge::{Code, json};
use proptest::prelude::*;

/// JSON text of any shape: valid numbers and strings, but also those that must be refused.
pub(crate) fn json_text() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<i32>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
    ];
    let string = prop_oneof![
        "[a-c가-깋\u{1100}-\u{1112}\u{1161}/ ]{0,4}".prop_map(|text| format!("\"{text}\"")),
        "(\\\\u[0-9a-fA-F]{4}|\\\\[bfnrt/\\\\\"]|😂){0,3}".prop_map(|text| format!("\"{text}\"")),
    ];
    let leaf =
        prop_oneof![Just("null".to_owned()), Just("true".to_owned()), number, string.clone(),];
    leaf.prop_recursive(5, 48, 5, move |inner| {
        let member =
            (string.clone(), inner.clone()).prop_map(|(name, value)| format!("{name} :{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(|all| format!("[{}]", all.join(" ,\n"))),
            prop::collection::vec(member, 0..5).prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..Default::default() })]

    #[test]
    fn the_canonical_form_is_accepted_with_the_same_digest(text in json_text()) {
        if let Ok(value) = json::parse(text.as_bytes()) {
            let jcs = value.to_jcs().unwrap();
            let again = json::parse(&jcs).unwrap();
            prop_assert_eq!(again.to_jcs().unwrap(), &jcs[..]);
            prop_assert_eq!(again.digest().unwrap(), value.digest().unwrap());
        }
    }

    #[test]
    fn a_badge_and_its_canonical_form_have_one_digest(content in json_text()) {
        let text = format!(
            "\u{feff} {{\"issuer\" : \"did:a:b\",\r\n\"type\":[\"VerifiableCredential\"],\
             \"content\":{content},\"proof\":[{{\"type\":\"X\"}}]}}"
        );
        if let Ok(badge) = badge::read(text.as_bytes()) {
            let jcs = json::parse(text.as_bytes()).unwrap().to_jcs().unwrap();
            prop_assert_eq!(badge::read(&jcs).unwrap(), badge);
        }
    }

    #[test]
    fn every_double_is_read_back_or_refused(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let text = json::Value::Number(number).to_jcs().unwrap();
        match json::parse(&text) {
            Ok(value) => prop_assert_eq!(value, json::Value::Number(number)),
            Err(refusal) => {
                prop_assert_eq!(refusal.code, Code::UnsafeInteger);
                prop_assert!((9_007_199_254_740_992.0..1e21).contains(&number.abs()));
            }
        }
    }

    #[test]
    fn any_bytes_end_in_a_badge_or_a_refusal(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let form = badge::classify(&bytes);
        match badge::read(&bytes) {
            Ok(badge) => prop_assert_eq!(badge.form.outer(), form),
            Err(refusal) => prop_assert!(!refusal.detail.is_empty()),
        }
    }

    #[test]
    fn a_changed_byte_is_never_the_same_badge(at in 0_usize..1_000, byte in any::<u8>()) {
        let text = include_bytes!("../../../../tests/vectors/badges/ob3-json/simple-noproof.json");
        let mut changed = text.to_vec();
        let at = at % changed.len();
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        if let Ok(badge) = badge::read(&changed) {
            let same = json::parse(&changed).unwrap() == json::parse(text).unwrap();
            prop_assert_eq!(badge.digest == badge::read(text).unwrap().digest, same);
        }
    }
}
