//! Tokens and images. The first byte of an input chooses: the bytes behind it as they are, or a
//! carrier built around them, so that the fuzzer need not guess base64url, checksums and CDATA.
//! What a carrier carries has the digest of what it was built around.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const KEYWORDS: [&str; 3] = ["openbadges", "openbadgecredential", "clrcredential"];
const ELEMENTS: [(&str, &str); 3] = [
    ("assertion", "http://openbadges.org"),
    ("credential", "https://purl.imsglobal.org/ob/v3p0"),
    ("credential", "https://purl.imsglobal.org/clr/v2p0"),
];

/// Compact, flattened and general JWS; header and payload are parted by a line break.
pub fn jws(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else { return };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let payload = rest.get(end + 1..).unwrap_or_default();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (header, body, signature) = (encode(&rest[..end]), encode(payload), encode(b"signature"));
    let token = match way % 4 {
        0 => return super::read(rest),
        1 => format!("{header}.{body}.{signature}"),
        2 => format!(r#"{{"protected":"{header}","payload":"{body}","signature":"{signature}"}}"#),
        _ => format!(
            r#"{{"payload":"{body}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
        ),
    };
    carries(token.as_bytes(), payload);
}

/// PNG: as it is, with its checksums put right, or an image around a text.
pub fn png(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else { return };
    match way % 5 {
        0 => super::read(rest),
        1 => super::read(&with_right_checksums(rest)),
        way => {
            let keyword = KEYWORDS[usize::from(way) - 2].as_bytes();
            carries(&baked([keyword, b"\0\0\0\0\0", rest].concat()), rest);
        }
    }
}

pub(crate) fn baked(text_chunk: Vec<u8>) -> Vec<u8> {
    let mut image = SIGNATURE.to_vec();
    // one grey pixel
    let pixel = b"\x78\x9c\x63\x60\x00\x00\x00\x02\x00\x01".to_vec();
    for (kind, body) in [
        (b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0".to_vec()),
        (b"iTXt", text_chunk),
        (b"IDAT", pixel),
        (b"IEND", Vec::new()),
    ] {
        let length = u32::try_from(body.len()).expect("inputs of a fuzzer are short");
        image.extend_from_slice(&length.to_be_bytes());
        let covered = [kind.as_slice(), &body].concat();
        image.extend_from_slice(&covered);
        image.extend_from_slice(&crc32fast::hash(&covered).to_be_bytes());
    }
    image
}

/// Follows the chunks by their lengths for as long as they fit.
pub(crate) fn with_right_checksums(image: &[u8]) -> Vec<u8> {
    let mut image = image.to_vec();
    let mut at = SIGNATURE.len();
    while let Some(length) = image.get(at..at + 4) {
        let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let end = at + 8 + length;
        let Some(covered) = image.get(at + 4..end) else { break };
        let checksum = crc32fast::hash(covered).to_be_bytes();
        let Some(place) = image.get_mut(end..end + 4) else { break };
        place.copy_from_slice(&checksum);
        at = end + 4;
    }
    image
}

/// SVG: as it is, or an image around a text, in CDATA or escaped.
pub fn svg(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return super::read(rest) };
    let way = usize::from(way % 7);
    if way == 0 {
        return super::read(rest);
    }
    let (name, namespace) = ELEMENTS[(way - 1) / 2];
    let body = if way % 2 == 0 {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else if text.contains("]]>") {
        return super::read(rest);
    } else {
        format!("<![CDATA[{text}]]>")
    };
    let image = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:b="{namespace}"><b:{name}>{body}</b:{name}><g/></svg>"#
    );
    carries(image.as_bytes(), rest);
}

/// A carrier that is accepted holds the text's credential: the same, or, when the text is a JWS,
/// that of the JWS.
fn carries(carrier: &[u8], text: &[u8]) {
    super::read(carrier);
    let credential = |bytes: &[u8]| badge::open(bytes, |opened| opened.credential.to_jcs());
    if let Ok(found) = credential(carrier) {
        assert!(credential(text) == Ok(found), "another credential than the carried text");
    }
}
