//! Bakes badges for the tests: PNG by the encoder of the crate `png`, SVG and JWS as text. Made to
//! be wrong as well as right.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use png::chunk::ChunkType;

/// What an Open Badge 3 needs to be recognised.
pub(crate) const BADGE: &str =
    r#"{"type":["VerifiableCredential","OpenBadgeCredential"],"issuer":"did:example:1"}"#;

/// A protected header that nothing is wrong with.
pub(crate) const HEADER: &str = r#"{"alg":"EdDSA"}"#;

/// A chunk of a PNG that is to be written before or after the image data.
pub(crate) struct Chunk {
    pub(crate) kind: [u8; 4],
    pub(crate) data: Vec<u8>,
    pub(crate) after_image: bool,
}

impl Chunk {
    pub(crate) fn new(kind: &[u8; 4], data: impl Into<Vec<u8>>) -> Self {
        Self { kind: *kind, data: data.into(), after_image: false }
    }

    pub(crate) fn after_image(self) -> Self {
        Self { after_image: true, ..self }
    }
}

/// An uncompressed iTXt chunk.
pub(crate) fn itxt(keyword: &str, text: &[u8]) -> Chunk {
    Chunk::new(b"iTXt", [keyword.as_bytes(), b"\0\0\0\0\0", text].concat())
}

/// A tEXt chunk.
pub(crate) fn text(keyword: &str, text: &[u8]) -> Chunk {
    Chunk::new(b"tEXt", [keyword.as_bytes(), b"\0", text].concat())
}

/// A picture of one pixel with `chunks`.
pub(crate) fn png(chunks: &[Chunk]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = png::Encoder::new(&mut file, 1, 1).write_header().expect("the sink is memory");
    let write = |writer: &mut png::Writer<_>, after_image| {
        for chunk in chunks.iter().filter(|chunk| chunk.after_image == after_image) {
            writer.write_chunk(ChunkType(chunk.kind), &chunk.data).expect("the sink is memory");
        }
    };
    write(&mut writer, false);
    writer.write_image_data(&[0]).expect("the image is one pixel");
    write(&mut writer, true);
    writer.finish().expect("the image is complete");
    file
}

/// A PNG that carries `credential` as Open Badges 3 says.
pub(crate) fn baked_png(credential: &str) -> Vec<u8> {
    png(&[itxt("openbadgecredential", credential.as_bytes())])
}

/// An SVG with `content` in it; `ob2`, `ob3` and `clr` are the prefixes of the badge elements.
pub(crate) fn svg(content: &str) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:ob2="http://openbadges.org"
 xmlns:ob3="https://purl.imsglobal.org/ob/v3p0" xmlns:clr="https://purl.imsglobal.org/clr/v2p0">
<title>배지</title>{content}<rect width="1" height="1"/></svg>"#
    )
}

/// An SVG that carries `credential` in its badge element's body.
pub(crate) fn baked_svg(credential: &str) -> String {
    svg(&format!("<ob3:credential>{}</ob3:credential>", escape(credential)))
}

/// For text and for attributes in double quotes; white space is kept as it is.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\n', "&#10;")
        .replace('\r', "&#13;")
        .replace('\t', "&#9;")
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn compact(header: &str, payload: impl AsRef<[u8]>) -> String {
    format!("{}.{}.c2lnbmF0dXJl", base64url(header), base64url(payload))
}

pub(crate) fn flattened(header: &str, payload: impl AsRef<[u8]>) -> String {
    let (protected, payload) = (base64url(header), base64url(payload));
    format!(r#"{{"payload":"{payload}","protected":"{protected}","signature":"c2lnbmF0dXJl"}}"#)
}

pub(crate) fn general(header: &str, payload: impl AsRef<[u8]>) -> String {
    let (protected, payload) = (base64url(header), base64url(payload));
    format!(
        r#"{{"payload":"{payload}","signatures":[
{{"protected":"{protected}","header":{{"kid":"1"}},"signature":"c2lnbmF0dXJl"}}]}}"#
    )
}

/// The refusal of `bytes` as `code at place`.
pub(crate) fn refusal(bytes: impl AsRef<[u8]>) -> String {
    match badge::read(bytes.as_ref()) {
        Ok(badge) => format!("accepted as {}", badge.form),
        Err(refusal) => format!("{} at {}", refusal.code, refusal.place),
    }
}
