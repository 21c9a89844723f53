//! The worst files that fit the limits: for each resource, one that asks for as much of it as it can.

use std::fmt::Write as _;

use crate::badges::{itxt, jws, png};

const TEXT: usize = badge::json::MAX_BYTES;
const IMAGE: usize = badge::MAX_IMAGE_BYTES;

pub(crate) fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let mut cases: Vec<(&str, Vec<u8>)> =
        texts().into_iter().chain(xml()).map(|(name, text)| (name, text.into_bytes())).collect();
    let digits = cases.iter().find(|(name, _)| *name == "numbers").unwrap().1.clone();
    cases.push(("numbers-in-jws", jws(&digits[..TEXT * 3 / 4 - 200])));
    cases.extend(pngs());
    for (name, file) in &cases {
        assert!(file.len() <= IMAGE && file.len() > TEXT / 2, "{name}: {} bytes", file.len());
    }
    cases
}

/// Repeats what `one` prints for 0, 1, 2, … to `length` bytes at most.
fn filled(length: usize, one: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(length);
    for number in 0.. {
        let next = one(number);
        if text.len() + next.len() > length {
            break;
        }
        text.push_str(&next);
    }
    text
}

/// A credential with `content` as one more member.
fn credential(content: impl Fn(usize) -> String) -> String {
    let head = r#"{"type":["VerifiableCredential"],"issuer":"did:a:b","content":"#;
    let content = content(TEXT - head.len() - 1);
    format!("{head}{content}}}")
}

fn array(one: impl Fn(usize) -> String) -> String {
    credential(|length| {
        let elements = filled(length - 3, |number| one(number) + ",");
        format!("[{elements}0]")
    })
}

fn object(name: impl Fn(usize) -> String) -> String {
    credential(|length| {
        let members = filled(length - 12, |number| format!("\"{}\":0,", name(number)));
        format!("{{{members}\"last\":0}}")
    })
}

fn texts() -> Vec<(&'static str, String)> {
    // an odd factor makes a permutation of 2^17 numbers
    let shuffled = |number: usize| number * 74_567 % 131_072;
    vec![
        ("brackets", "[".repeat(TEXT).replacen('[', "{\"a\":[", 1)[..TEXT].to_owned()),
        ("digit", array(|_| "1".to_owned())),
        (
            "numbers",
            array(|number| format!("-{}.{number:07}23456789e-{}", number % 9 + 1, number % 300)),
        ),
        ("numbers-that-grow", array(|_| "1e15".to_owned())),
        ("empty-objects", array(|_| "{}".to_owned())),
        ("escapes", array(|_| "\"\\u0000\\ud83d\\ude00\"".to_owned())),
        ("quotes", array(|_| "\"\\\"\\\\\"".to_owned())),
        ("names-shuffled", object(|number| format!("{:05x}", shuffled(number)))),
        ("names-alike", object(|number| format!("{}{:05x}", "name".repeat(16), shuffled(number)))),
        (
            "names-beyond-16-bits",
            object(|number| format!("\u{10000}\u{e000}{:05x}", shuffled(number))),
        ),
        (
            "last-name-twice",
            object(|number| format!("{number:05x}")).replace("\"last\":0", "\"00000\":0"),
        ),
        (
            "hangul-apart",
            credential(|length| {
                format!("\"{}\"", filled(length - 2, |_| "\u{1112}\u{1161}\u{11ab}".to_owned()))
            }),
        ),
        (
            "combining-marks",
            credential(|length| {
                let mark =
                    |number: usize| if number.is_multiple_of(2) { "\u{301}" } else { "\u{323}" };
                format!("\"{}\"", filled(length - 2, |number| mark(number).to_owned()))
            }),
        ),
        (
            "lone-brace-in-jws",
            String::from_utf8(jws("{".repeat(TEXT * 3 / 4 - 200).as_bytes())).unwrap(),
        ),
    ]
}

/// An SVG of five megabytes with `attributes` and `content`, and as much text as fits besides.
fn image(attributes: &str, content: &str) -> String {
    let head =
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:b="https://purl.imsglobal.org/ob/v3p0""#;
    let image = format!("{head}{attributes}>{content}");
    let padding = " ".repeat(IMAGE - image.len() - "</svg>".len());
    format!("{image}{padding}</svg>")
}

/// An SVG with a badge element that is full of what `one` prints.
fn body(one: &str) -> String {
    let badge = |text: &str| image("", &format!("<b:credential>{text}</b:credential>"));
    badge(&filled(IMAGE - 150, |_| one.to_owned()))
}

fn xml() -> Vec<(&'static str, String)> {
    // just below the reader's bounds: 65,536 tags, 131,072 equal signs, 256 attributes of a tag,
    // 512 namespaces
    const TAGS: usize = 65_500;
    const EQUAL_SIGNS: usize = 131_000;
    const ATTRIBUTES: usize = 256;
    const NAMESPACES: usize = 500;
    let times =
        |count: usize, one: &dyn Fn(usize) -> String| -> String { (0..count).map(one).collect() };
    let declared = |count: usize| -> String {
        times(count, &|number| format!(" xmlns:n{number:03x}=\"u:{number:03x}\""))
    };
    // names alike up to their ends, which are compared with all before them
    let attributes: String =
        times(ATTRIBUTES, &|number| format!(" long-attribute-name-{number:03x}=\"\""));
    let prefixed: String = times(ATTRIBUTES, &|number| format!(" n0f9:a{number:03x}=\"\""));
    let tags = EQUAL_SIGNS / ATTRIBUTES - 10;
    let spaces = declared(250);
    vec![
        ("svg-siblings", image("", &"<a/>".repeat(TAGS))),
        (
            "svg-nested",
            image("", &format!("{}{}", "<a>".repeat(TAGS / 2), "</a>".repeat(TAGS / 2))),
        ),
        ("svg-attributes", image("", &format!("<a{attributes}/>").repeat(tags))),
        ("svg-prefixes", image(&spaces, &"<n0f9:a/>".repeat(TAGS))),
        ("svg-prefixed-attributes", image(&spaces, &format!("<a{prefixed}/>").repeat(tags))),
        (
            "svg-namespaces",
            image(
                &spaces,
                &format!(
                    "{}{}",
                    times(NAMESPACES - 260, &|number| {
                        format!("<a xmlns:m{number:03x}=\"v:{number:03x}\">")
                    }),
                    "</a>".repeat(NAMESPACES - 260)
                ),
            ),
        ),
        ("svg-comments", image("", &"<!---->".repeat(TAGS))),
        (
            "svg-cdata",
            image(
                "",
                &format!(
                    "<b:credential>{}</b:credential>",
                    "<![CDATA[0123456789012345678901234567890123456789012345678901234567]]>"
                        .repeat(TAGS)
                ),
            ),
        ),
        (
            "svg-text-in-pieces",
            image(
                "",
                &format!(
                    "<b:credential>{}</b:credential>",
                    "0123456789012345678901234567<![CDATA[01234567890123456789]]>&#48;"
                        .repeat(TAGS)
                ),
            ),
        ),
        ("svg-character-references", body("&#32;")),
        ("svg-lines", body("\r\n")),
        ("svg-too-many-tags", image("", &"<a/>".repeat(IMAGE / 4 - 50))),
        ("svg-entities", {
            let mut text = "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\">".to_owned();
            for number in 0..60_000 {
                write!(text, "<!ENTITY a{number} \"&a;&a;&a;&a;&a;&a;\">").unwrap();
            }
            text + "]><svg>&a59999;</svg>"
        }),
    ]
}

fn pngs() -> Vec<(&'static str, Vec<u8>)> {
    let full = |kind: &'static str, body: &[u8]| {
        png(&vec![(kind, body); (IMAGE - 57) / (12 + body.len())])
    };
    let badge = itxt(b"{}");
    let url = b"openbadges\0https://a.example/".as_slice();
    let mut wrong = png(&[("IDAT", &vec![7; IMAGE - 69])]);
    let checksum = wrong.len() - 16;
    wrong[checksum] ^= 1;
    vec![
        ("png-empty-chunks", full("teXt", b"")),
        ("png-pixel-chunks", full("IDAT", b"")),
        ("png-texts", full("tEXt", b"a\0")),
        ("png-compressed-texts", full("zTXt", b"a\0\0x")),
        ("png-badges", full("iTXt", &badge)),
        ("png-urls", full("tEXt", url)),
        ("png-palettes", full("PLTE", &[0; 768])),
        ("png-profiles", full("iCCP", b"a\0\0\x78\x9c\x03\0\0\0\0\x01")),
        ("png-times", full("tIME", &[7, 0xe9, 1, 1, 0, 0, 0])),
        ("png-wrong-checksum", wrong),
        ("png-text-of-5-mib", png(&[("iTXt", &itxt(&vec![b'{'; IMAGE - 100]))])),
    ]
}
