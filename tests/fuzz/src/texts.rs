//! Strict JSON, and bytes of any form.

use badge::{Code, Form, Image, Place, Refusal, json as strict};

/// What the strict reader accepts, `serde_json` reads alike; what it refuses for its grammar,
/// `serde_json` refuses too. The canonical form is accepted and is its own canonical form.
pub fn json(data: &[u8]) {
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let lenient = serde_json::from_slice::<serde_json::Value>(text);
    let value = match strict::parse(data) {
        Ok(value) => value,
        Err(refusal) => {
            has_a_place(&refusal, data.len());
            let of_grammar = matches!(refusal.code, Code::Syntax | Code::InvalidUtf8);
            assert!(!of_grammar || lenient.is_err(), "{refusal}, but serde_json reads it");
            return;
        }
    };
    let lenient = lenient.expect("serde_json reads what strict JSON allows");
    let Some(jcs) = canonical(&value) else { return };
    let by_serde = serde_json_canonicalizer::to_vec(&lenient).expect("memory takes all");
    assert!(jcs == by_serde, "another canonical form than of serde_json");
    let again = strict::parse(&jcs).expect("the canonical form is accepted");
    assert!(again.to_jcs().as_deref() == Ok(&jcs), "another canonical form at second reading");
}

/// `None` where it would be too long, which is the one reason there may be.
fn canonical(value: &strict::Value<'_>) -> Option<Vec<u8>> {
    match value.to_jcs() {
        Ok(jcs) => {
            assert!(jcs.len() <= strict::MAX_BYTES);
            Some(jcs)
        }
        Err(refusal) => {
            assert_eq!(refusal.code, Code::TooLarge);
            None
        }
    }
}

/// Any bytes end in a badge of the form that they were classified as, or in a refusal with a
/// sentence and a place; a second reading says the same. What a badge carries has its digest, and
/// so has the canonical form of that.
pub fn read(data: &[u8]) {
    let form = badge::classify(data);
    let first = badge::read(data);
    assert!(first == badge::read(data), "the second reading differs");
    match first {
        Ok(badge) => {
            let outside = match badge.form.image {
                Some(Image::Png) => Form::Png,
                Some(Image::Svg) => Form::Svg,
                None => badge.form.credential,
            };
            assert_eq!(outside, form);
            let jcs = badge::open(data, |opened| opened.credential.to_jcs());
            let jcs = jcs.expect("a badge that was read can be opened");
            assert_eq!(badge::read_json_value_digest(&jcs), Ok(badge.digest));
            if form == Form::Json {
                assert_eq!(badge::read_json_value_digest(data), Ok(badge.digest));
                assert!(badge::read(&jcs) == Ok(badge), "its canonical form is another badge");
            }
        }
        Err(refusal) => has_a_place(&refusal, data.len()),
    }
}

/// Whatever a badge's signatures say, judging them ends, and ends alike at a second time.
pub fn signature(data: &[u8]) {
    let issuers = badge::read(data).map(|badge| badge.issuers).unwrap_or_default();
    let first = issuer_signature::check(data, &issuers);
    assert_eq!(first.is_ok(), badge::open(data, |_| Ok(())).is_ok());
    assert!(first == issuer_signature::check(data, &issuers), "the second verdict differs");
}

/// Offsets that count from the input itself are not behind its end.
fn has_a_place(refusal: &Refusal, length: usize) {
    assert!(!refusal.detail.is_empty() && !refusal.to_string().is_empty());
    match &refusal.place {
        Place::Byte(at) => assert!(*at <= length, "{refusal}, beyond the end at {length}"),
        Place::Pointer(pointer) => assert!(pointer.is_empty() || pointer.starts_with('/')),
        Place::Inside(..) => {}
    }
}
