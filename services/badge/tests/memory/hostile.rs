//! Files of the greatest length that is read, made to be as costly as possible.

use badge::MAX_IMAGE_BYTES;
use badge::json::MAX_BYTES;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use png::chunk::ChunkType;
use png::text_metadata::{EncodableTextChunk, ZTXtChunk};

const BADGE: &str = r#"{"type":"VerifiableCredential"}"#;

pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    files.extend(json(MAX_BYTES).into_iter().map(|(name, text)| (format!("json: {name}"), text)));
    for (name, payload) in json(MAX_BYTES / 4 * 3 - 100) {
        let [header, payload] =
            [br#"{"alg":"x"}"#, &payload[..]].map(|part| URL_SAFE_NO_PAD.encode(part));
        files.push((
            format!("json in a JWS: {name}"),
            format!("{header}.{payload}.AA").into_bytes(),
        ));
    }
    files.extend(png().into_iter().map(|(name, file)| (format!("png: {name}"), file)));
    files.extend(svg().into_iter().map(|(name, file)| (format!("svg: {name}"), file.into_bytes())));
    files
}

/// `start`, then `piece` as often as it fits between it and `end`.
fn filled(start: &str, piece: impl Fn(usize) -> String, end: &str, length: usize) -> String {
    let mut text = start.to_owned();
    for index in 0.. {
        let next = piece(index);
        if text.len() + next.len() + end.len() > length {
            break;
        }
        text.push_str(&next);
    }
    text + end
}

fn json(length: usize) -> Vec<(&'static str, Vec<u8>)> {
    let start = r#"{"type":"VerifiableCredential","a":"#;
    let all = |name, open: &str, piece: &dyn Fn(usize) -> String, close: &str| {
        (name, filled(&format!("{start}{open}"), piece, close, length).into_bytes())
    };
    vec![
        all("empty arrays", "[[]", &|_| ",[]".to_owned(), "]}"),
        all("empty objects", "[{}", &|_| ",{}".to_owned(), "]}"),
        all("digits", "[0", &|_| ",0".to_owned(), "]}"),
        all("members", "{\"\":0", &|index| format!(",\"{index:x}\":0"), "}}"),
        all("objects of one member", "[0", &|_| ",{\"\":0}".to_owned(), "]}"),
        all("escapes", "\"", &|_| "\\u0001".to_owned(), "\"}"),
        all("numbers that grow", "[0", &|_| ",1e14".to_owned(), "]}"),
        all("not closed", "[[", &|_| "[],".to_owned(), ""),
    ]
}

fn png() -> Vec<(&'static str, Vec<u8>)> {
    let room = MAX_IMAGE_BYTES - 200;
    let chunk = |kind: &[u8; 4], data: &[u8]| (ChunkType(*kind), data.to_vec());
    let many = |kind: &[u8; 4], data: &[u8]| vec![chunk(kind, data); room / (12 + data.len())];
    let badge = [b"openbadges\0\0\0\0\0", BADGE.as_bytes()].concat();
    let with_badge = |mut chunks: Vec<_>| {
        chunks.push(chunk(b"iTXt", &badge));
        file(&chunks)
    };
    let bomb = bomb();
    let zeros = vec![0; room];
    let named = |name: &[u8]| [name, &zeros[name.len()..]].concat();
    vec![
        ("empty chunks", with_badge(many(b"paDd", b""))),
        ("text chunks", with_badge(many(b"tEXt", b"a\0b"))),
        ("badge chunks", file(&many(b"iTXt", &badge))),
        ("long text", with_badge(vec![chunk(b"tEXt", &named(b"a\0"))])),
        ("long compressed text", with_badge(vec![chunk(b"zTXt", &named(b"a\0\0"))])),
        ("compressed badge", file(&[chunk(b"zTXt", &named(b"openbadges\0\0"))])),
        ("Exif", with_badge(vec![chunk(b"eXIf", &zeros)])),
        ("colour profile", with_badge(vec![chunk(b"iCCP", &named(b"a\0\0"))])),
        ("palettes", with_badge(many(b"sPLT", &[7; 700]))),
        ("image data", with_badge(vec![chunk(b"IDAT", &zeros)])),
        ("inflating text", with_badge(vec![chunk(b"zTXt", &[b"a\0\0", &bomb[..]].concat())])),
        (
            "inflating UTF-8",
            with_badge(vec![chunk(b"iTXt", &[b"a\0\x01\0\0\0", &bomb[..]].concat())]),
        ),
        ("inflating profile", with_badge(vec![chunk(b"iCCP", &[b"a\0\0", &bomb[..]].concat())])),
        ("inflating image", with_badge(vec![chunk(b"IDAT", &bomb)])),
        ("inflating badge", file(&[chunk(b"zTXt", &[b"openbadges\0\0", &bomb[..]].concat())])),
        (
            "badge",
            file(&[chunk(b"iTXt", &[&badge, &vec![b' '; MAX_BYTES - BADGE.len()][..]].concat())]),
        ),
    ]
}

/// 8 MiB of zeros, compressed: some hundred times shorter.
fn bomb() -> Vec<u8> {
    let mut chunk = Vec::new();
    let text = ZTXtChunk::new("a", "\0".repeat(8 << 20));
    text.encode(&mut chunk).expect("the sink is memory");
    // behind length, type, keyword and method; before the checksum
    let bomb = chunk[11..chunk.len() - 4].to_vec();
    assert!(bomb.len() < 100_000);
    bomb
}

/// A picture that claims to be as large as PNG allows.
fn file(chunks: &[(ChunkType, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer =
        png::Encoder::new(&mut file, 1 << 16, 1 << 14).write_header().expect("in memory");
    for (kind, data) in chunks {
        writer.write_chunk(*kind, data).expect("the sink is memory");
    }
    writer.write_chunk(png::chunk::IEND, &[]).expect("the sink is memory");
    drop(writer);
    file
}

fn svg() -> Vec<(&'static str, String)> {
    let start = "<svg xmlns:ob3='https://purl.imsglobal.org/ob/v3p0'><ob3:credential>";
    let end = "</ob3:credential></svg>";
    let close = format!("{BADGE}{end}");
    let all = |name, open: &str, count, piece: &dyn Fn(usize) -> String, close: &str| {
        let pieces: String = (0..count).map(piece).collect();
        let text = format!("{open}{pieces}{close}");
        let padding = " ".repeat(MAX_IMAGE_BYTES.saturating_sub(text.len()));
        (name, format!("{text}{padding}"))
    };
    let before = format!("{}<g ", &start[..start.find("<ob3").unwrap_or_default()]);
    let tags = 65_000;
    let badge = format!("{}{close}", &start[start.find("<ob3").unwrap_or_default()..]);
    let outside = before.trim_end_matches("<g ");
    vec![
        all("tags", outside, tags, &|_| "<a/>".to_owned(), &badge),
        all("tags and text", outside, tags, &|_| "<a/>b".to_owned(), &badge),
        all("nesting", outside, tags, &|_| "<a>".to_owned(), &badge),
        all(
            "attributes",
            outside,
            512,
            &|_| {
                let each: String = (0..255).map(|index| format!(" a{index}=''")).collect();
                format!("<a{each}/>")
            },
            &badge,
        ),
        all("namespaces", outside, 500, &|index| format!("<a xmlns:n{index}='{index}'>"), ""),
        all("equal signs", outside, 1_310, &|_| "=".repeat(100), &badge),
        all("sections", start, tags, &|_| "<![CDATA[ ]]>".to_owned(), &close),
        all("references", start, 1_500, &|_| "&#32;".repeat(100), &close),
        all("references outside", outside, 8_000, &|_| "&#32;".repeat(100), &badge),
        all("too many tags", outside, 10_000, &|_| "<a/>".repeat(100), &badge),
        all("too many equal signs", outside, 50_000, &|_| "=".repeat(100), &badge),
        all(
            "declarations",
            "<!DOCTYPE svg [",
            100_000,
            &|index| format!("<!ENTITY a{index} '&a;'>"),
            "]><svg/>",
        ),
    ]
}
