//! One small and one large credential in every form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const SMALL: &[u8] =
    include_bytes!("../../../../tests/vectors/badges/ob3-json/simple-noproof.json");
const BADGE: &str = include_str!("../../../../scripts/demo-badges/hanbit/common-bronze.json");
/// So that its base64url, too, stays below the limit of 1 MiB.
const LARGE: usize = 700_000;
/// The picture of a large image; with the credential below the limit of 5 MiB.
const PICTURE: usize = 4_000_000;

pub(crate) struct Case {
    pub(crate) form: &'static str,
    pub(crate) size: &'static str,
    pub(crate) file: Vec<u8>,
    /// What the file carries.
    pub(crate) credential: Vec<u8>,
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (size, credential, picture) in
        [("small", SMALL.to_vec(), 1_000), ("large", record(), PICTURE)]
    {
        let text = std::str::from_utf8(&credential).unwrap();
        for (form, file) in [
            ("json", credential.clone()),
            ("jws", jws(&credential)),
            ("png", png(&[("iTXt", &itxt(&credential)), ("IDAT", &noise(picture))])),
            ("svg", svg(&format!("<![CDATA[{text}]]>"), picture)),
        ] {
            cases.push(Case { form, size, file, credential: credential.clone() });
        }
    }
    cases
}

/// A learner record of many badges.
fn record() -> Vec<u8> {
    let badges = vec![BADGE; LARGE / BADGE.len()].join(",");
    let head = r#"{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","ClrCredential"],"id":"urn:uuid:0","issuer":"https://badges.hanbit.example/","#;
    format!(r#"{head}"credentialSubject":{{"verifiableCredential":[{badges}]}}}}"#).into_bytes()
}

pub(crate) fn jws(payload: &[u8]) -> Vec<u8> {
    let [header, payload, signature] =
        [br#"{"alg":"EdDSA"}"#, payload, &[7; 64]].map(|part: &[u8]| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{payload}.{signature}").into_bytes()
}

pub(crate) fn itxt(text: &[u8]) -> Vec<u8> {
    [b"openbadgecredential\0\0\0\0\0", text].concat()
}

/// An image of these chunks between its head and its end.
pub(crate) fn png(chunks: &[(&str, &[u8])]) -> Vec<u8> {
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    let head: (&str, &[u8]) = ("IHDR", b"\0\0\x04\0\0\0\x04\0\x08\x06\0\0\0");
    for (kind, body) in [head].iter().chain(chunks).chain(&[("IEND", &[][..])]) {
        image.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
        let start = image.len();
        image.extend_from_slice(kind.as_bytes());
        image.extend_from_slice(body);
        let checksum = crc32fast::hash(&image[start..]);
        image.extend_from_slice(&checksum.to_be_bytes());
    }
    image
}

fn svg(body: &str, picture: usize) -> Vec<u8> {
    let pixels = base64::engine::general_purpose::STANDARD.encode(noise(picture * 3 / 4));
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:ob="https://purl.imsglobal.org/ob/v3p0"><ob:credential>{body}</ob:credential><image href="data:image/png;base64,{pixels}"/></svg>"#
    )
    .into_bytes()
}

/// Bytes as an image has them.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}
