//! Baked PNG: what carries a badge, and what is refused.

use badge::{Code, Warning};

use crate::baking::{
    BADGE, Chunk, HEADER, baked_png, compact, flattened, itxt, png, refusal, text,
};

/// Offset of the first chunk behind the header chunk.
const FIRST: usize = 33;

#[test]
fn every_keyword_carries_a_badge_before_and_after_the_image() {
    let bare = badge::read(BADGE.as_bytes()).unwrap();
    for keyword in badge::PNG_KEYWORDS {
        for chunk in [
            itxt(keyword, BADGE.as_bytes()),
            itxt(keyword, BADGE.as_bytes()).after_image(),
            itxt(keyword, format!("\u{feff}\r\n {BADGE}\n").as_bytes()),
            // a language, a translated keyword, and a compression method that means nothing
            Chunk::new(b"iTXt", format!("{keyword}\0\0\u{1}ko\0배지\0{BADGE}")),
        ] {
            let badge = badge::read(&png(&[chunk])).unwrap();
            assert_eq!(badge.digest, bare.digest, "{keyword}");
            assert_eq!(badge.form.to_string(), "png+json");
            assert!(matches!(badge.warnings[..], [Warning::PictureNotCovered(_)]));
        }
    }
}

#[test]
fn a_jws_may_be_inside() {
    let bare = badge::read(BADGE.as_bytes()).unwrap();
    for (jws, form) in [
        (compact(HEADER, BADGE), "png+jws"),
        (format!("{}\n", compact(HEADER, BADGE)), "png+jws"),
        (flattened(HEADER, BADGE), "png+jws-json"),
    ] {
        let badge = badge::read(&baked_png(&jws)).unwrap();
        assert_eq!((badge.digest, badge.form.to_string()), (bare.digest, form.to_owned()));
        let warnings = badge.warnings.iter().map(Warning::as_str);
        assert!(warnings.eq(["picture_not_covered", "signature_not_covered"]));
    }
}

#[test]
fn two_badge_chunks_are_refused_whatever_their_keywords_and_kinds() {
    let first = || itxt("openbadges", BADGE.as_bytes());
    let second_at = FIRST + 12 + first().data.len();
    for keyword in badge::PNG_KEYWORDS {
        for second in [
            itxt(keyword, BADGE.as_bytes()),
            itxt(keyword, b""),
            text(keyword, b"https://example.org/1"),
            Chunk::new(b"zTXt", format!("{keyword}\0\0x")),
            Chunk::new(b"iTXt", keyword),
        ] {
            let kind = String::from_utf8_lossy(&second.kind).into_owned();
            let expected = format!("several_badges at byte {second_at}");
            assert_eq!(refusal(png(&[first(), second])), expected, "{keyword} {kind}");
        }
    }
    // the place is the second one's also when more follow
    let many = png(&[first(), first(), first()]);
    assert_eq!(refusal(many), format!("several_badges at byte {second_at}"));
}

#[test]
fn other_text_is_no_badge() {
    let others = [
        itxt("Comment", BADGE.as_bytes()),
        itxt("OpenBadges", BADGE.as_bytes()),
        itxt("openbadges ", BADGE.as_bytes()),
        text("Software", b"openbadges"),
        Chunk::new(b"zTXt", "Comment\0\0x"),
        Chunk::new(b"iTXt", "no zero byte"),
        Chunk::new(b"teXt", format!("openbadges\0{BADGE}")),
    ];
    assert_eq!(refusal(png(&others)), "no_badge at byte 0");
    let mut with_badge: Vec<Chunk> = others.into();
    with_badge.push(itxt("openbadges", BADGE.as_bytes()));
    assert!(badge::read(&png(&with_badge)).is_ok());
}

#[test]
fn nothing_is_inflated() {
    for chunk in [
        Chunk::new(b"zTXt", "openbadges\0\0x"),
        Chunk::new(b"zTXt", "openbadgecredential"),
        Chunk::new(b"iTXt", "openbadgecredential\0\u{1}\0\0\0x"),
        Chunk::new(b"iTXt", "clrcredential\0\u{1}"),
    ] {
        assert_eq!(refusal(png(&[chunk])), format!("compressed_badge at byte {FIRST}"));
    }
}

#[test]
fn a_url_alone_is_refused_and_latin_1_too() {
    for (chunk, expected) in [
        (text("openbadges", b"https://example.org/1.json"), "legacy_url_only at byte 33"),
        (text("openbadges", b" HTTP://example.org/1.json\n"), "legacy_url_only at byte 33"),
        (itxt("openbadges", b"https://example.org/"), "legacy_url_only at byte 0 of the PNG text"),
        (text("openbadges", BADGE.as_bytes()), "text_chunk at byte 33"),
        (text("openbadges", b""), "text_chunk at byte 33"),
    ] {
        assert_eq!(refusal(png(&[chunk])), expected);
    }
}

#[test]
fn a_malformed_badge_chunk_is_not_overlooked() {
    for data in [
        "openbadges",
        "openbadges\0",
        "openbadges\0\0",
        "openbadges\0\0\0",
        "openbadges\0\0\0ko\0",
        "openbadges\0\u{2}\0\0\0{}",
    ] {
        let expected = format!("bad_png at byte {FIRST}");
        assert_eq!(refusal(png(&[Chunk::new(b"iTXt", data)])), expected, "{data:?}");
    }
    let text = png(&[Chunk::new(b"tEXt", "openbadges")]);
    assert_eq!(refusal(text), format!("bad_png at byte {FIRST}"));
}

#[test]
fn places_inside_count_from_the_text() {
    for (inner, expected) in [
        ("", "unknown_form at byte 0 of the PNG text"),
        ("<svg/>", "unsupported_form at byte 0 of the PNG text"),
        ("{\"a\":1,\"a\":2}", "duplicate_key at byte 7 of the PNG text"),
        ("{\"type\":\"VerifiablePresentation\"}", "presentation at /type of the PNG text"),
        ("{}", "not_a_badge at the top of the PNG text"),
        ("{\"format\":\"ingam-proof/1\"}", "unsupported_form at the top of the PNG text"),
        (
            "{\"payload\":\"e30\",\"signature\":\"\",\"a\":1}",
            "ambiguous_form at the top of the PNG text",
        ),
    ] {
        assert_eq!(refusal(baked_png(inner)), expected, "{inner}");
    }
    let jws = compact(HEADER, r#"{"type":"VerifiableCredential","proof":1}"#);
    let expected = "proof_not_allowed at /proof of the JWS payload of the PNG text";
    assert_eq!(refusal(baked_png(&jws)), expected);
    let nested = baked_png(&compact(HEADER, flattened(HEADER, BADGE)));
    assert_eq!(refusal(nested), "unsupported_form at the top of the JWS payload of the PNG text");
    let invalid = png(&[itxt("openbadges", b"{\"a\":\"\xed\x95\"}")]);
    assert_eq!(refusal(invalid), "invalid_utf8 at byte 6 of the PNG text");
}

#[test]
fn every_cut_and_every_wrong_checksum_is_refused() {
    let file = png(&[itxt("openbadges", BADGE.as_bytes()).after_image()]);
    assert!(badge::read(&file).is_ok());
    for length in 8..file.len() {
        let code = badge::read(&file[..length]).unwrap_err().code;
        assert_eq!(code, Code::BadPng, "{length}");
    }
    for at in 8..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        let code = badge::read(&changed).unwrap_err().code;
        assert!([Code::BadCrc, Code::BadPng].contains(&code), "byte {at}: {code}");
    }
    let checksum = file.len() - 12 - 4;
    let mut changed = file;
    changed[checksum] ^= 0x80;
    assert_eq!(badge::read(&changed).unwrap_err().code, Code::BadCrc);
}

#[test]
fn the_place_is_the_chunk_that_is_wrong() {
    let first = || text("Comment", b"fine");
    let at = FIRST + 12 + first().data.len();
    for second in [Chunk::new(b"ABCD", ""), Chunk::new(b"IHDR", ""), Chunk::new(b"PLTE", "ab")] {
        assert_eq!(refusal(png(&[first(), second])), format!("bad_png at byte {at}"));
    }
}

#[test]
fn what_follows_the_end_is_ignored() {
    let mut file = png(&[itxt("openbadges", BADGE.as_bytes())]);
    let digest = badge::read(&file).unwrap().digest;
    file.extend(png(&[itxt("openbadges", BADGE.as_bytes())]));
    assert_eq!(badge::read(&file).unwrap().digest, digest);
}

#[test]
fn size_ends_where_it_should() {
    let file = |padding| {
        let padding = Chunk::new(b"paDd", vec![0; padding]);
        png(&[padding, itxt("openbadges", BADGE.as_bytes())])
    };
    let padding = badge::MAX_IMAGE_BYTES - file(0).len();
    assert!(badge::read(&file(padding)).is_ok());
    let expected = format!("too_large at byte {}", badge::MAX_IMAGE_BYTES);
    assert_eq!(refusal(file(padding + 1)), expected);

    let padded = |length: usize| format!("{BADGE}{}", " ".repeat(length - BADGE.len()));
    assert!(badge::read(&baked_png(&padded(badge::json::MAX_BYTES))).is_ok());
    let longer = baked_png(&padded(badge::json::MAX_BYTES + 1));
    assert_eq!(refusal(longer), "too_large at byte 1048576 of the PNG text");
}
