//! The published vectors of RFC 8785 and of its reference implementations.

use badge::json::{self, Value};

use crate::fixtures;

#[test]
fn canonical_forms_are_the_published_ones() {
    let mut checked = 0;
    for input in fixtures::folder("jcs-vectors") {
        let Some(stem) = input.strip_suffix(".input.json") else { continue };
        let kind = if stem.ends_with("rfc_example") { "expected" } else { "output" };
        let bytes = fixtures::bytes(&input);
        let jcs = json::parse(&bytes).unwrap().to_jcs().unwrap();
        assert_eq!(jcs, fixtures::bytes(&format!("{stem}.{kind}.json")), "{input}");
        checked += 1;
    }
    assert_eq!(checked, 7);
}

#[test]
fn canonical_bytes_are_the_published_ones() {
    let mut checked = 0;
    for output in fixtures::folder("jcs-vectors") {
        let Some(stem) = output.strip_suffix(".outhex.txt") else { continue };
        let bytes = fixtures::bytes(&format!("{stem}.input.json"));
        let jcs = json::parse(&bytes).unwrap().to_jcs().unwrap();
        let digits = fixtures::text(&output);
        let published: Vec<u8> =
            digits.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
        assert_eq!(jcs, published, "{output}");
        checked += 1;
    }
    assert_eq!(checked, 4);
}

#[test]
fn numbers_are_printed_as_in_appendix_b() {
    let rows = fixtures::table::<3>("jcs-vectors/numbers-rfc8785-appendix-b.tsv");
    assert_eq!(rows.len(), 24);
    for [bits, expected, comment] in rows {
        let number = f64::from_bits(u64::from_str_radix(&bits, 16).unwrap());
        assert_eq!(Value::Number(number).to_jcs().unwrap(), expected.as_bytes(), "{comment}");
    }
}
