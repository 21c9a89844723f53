//! Baked SVG: what carries a badge, and what is refused.

use badge::Warning;

use crate::baking::{BADGE, HEADER, baked_svg, compact, escape, flattened, refusal, svg};

#[test]
fn every_element_carries_a_badge_in_its_body() {
    let bare = badge::read(BADGE.as_bytes()).unwrap();
    for element in ["ob2:assertion", "ob3:credential", "clr:credential"] {
        for body in [
            escape(BADGE),
            format!("\r\n<![CDATA[ {BADGE} ]]>\n"),
            // one run of text, in three pieces
            BADGE.replacen("Open", "<![CDATA[Op]]>&#x65;n", 1),
            escape(&flattened(HEADER, BADGE)),
            compact(HEADER, BADGE),
        ] {
            let url = r#"verify="https://example.org/1.json""#;
            for open in [format!("<{element}>"), format!("<{element} {url}>")] {
                let file = svg(&format!("{open}{body}</{element}>"));
                let badge =
                    badge::read(file.as_bytes()).unwrap_or_else(|why| panic!("{file}: {why}"));
                assert_eq!(badge.digest, bare.digest, "{file}");
                assert!(matches!(badge.warnings[0], Warning::PictureNotCovered(_)));
            }
        }
    }
}

#[test]
fn a_jws_may_stand_in_verify() {
    let bare = badge::read(BADGE.as_bytes()).unwrap();
    let jws = compact(HEADER, BADGE);
    for content in [
        format!(r#"<ob3:credential verify="{jws}"/>"#),
        format!("<ob3:credential verify='\n{jws} '> \n </ob3:credential>"),
        format!(r#"<g><defs><ob2:assertion verify="{jws}"></ob2:assertion></defs></g>"#),
        // as openbadges_bakery writes it
        format!(r#"<ob2:assertion verify="{jws}"><![CDATA[{jws}]]></ob2:assertion>"#),
    ] {
        let badge = badge::read(svg(&content).as_bytes()).unwrap();
        assert_eq!((badge.digest, &*badge.form.to_string()), (bare.digest, "svg+jws"), "{content}");
    }
    let inside = format!(r#"<ob3:credential verify="{}"/>"#, compact(HEADER, "{}"));
    let expected = "not_a_badge at the top of the JWS payload of the SVG verify attribute";
    assert_eq!(refusal(svg(&inside)), expected);
}

#[test]
fn other_elements_are_no_badge() {
    for content in [
        "<credential>{}</credential>",
        "<metadata/>",
        r#"<x:credential xmlns:x="https://purl.imsglobal.org/ob/v3p0/">{}</x:credential>"#,
        "<ob3:assertion>{}</ob3:assertion>",
        "<ob2:credential>{}</ob2:credential>",
        "<!-- <ob3:credential>{}</ob3:credential> -->",
        "<style><![CDATA[<ob3:credential>{}</ob3:credential>]]></style>",
    ] {
        assert_eq!(refusal(svg(content)), "no_badge at byte 0", "{content}");
    }
}

/// Where `needle` stands in the SVG with `content`.
fn at(content: &str, needle: &str, code: &str) -> String {
    format!("{code} at byte {}", svg(content).find(needle).expect("it is there"))
}

#[test]
fn two_badges_are_refused() {
    let jws = compact(HEADER, BADGE);
    let two = "<ob3:credential>{}</ob3:credential><g><ob2:assertion/></g>";
    assert_eq!(refusal(svg(two)), at(two, "<ob2:assertion", "several_badges"));
    for (verify, body) in [(&*jws, BADGE), ("a.b.c~", BADGE), ("{}", BADGE), (&*jws, "x")] {
        let both = format!(r#"<ob3:credential verify="{verify}">{body}</ob3:credential>"#);
        assert_eq!(refusal(svg(&both)), at(&both, "verify=", "several_badges"), "{both}");
    }
    let nested = "<ob2:assertion><ob2:assertion/></ob2:assertion>";
    assert_eq!(refusal(svg(nested)), at(nested, "<ob2:assertion/>", "several_badges"));
}

#[test]
fn no_text_and_urls_are_refused() {
    for (content, needle, code) in [
        ("<ob3:credential/>", "<ob3:", "no_badge"),
        ("<ob3:credential> \n </ob3:credential>", "<ob3:", "no_badge"),
        (r#"<ob3:credential verify=""/>"#, "verify", "no_badge"),
        (r#"<ob3:credential verify="{}"/>"#, "verify", "no_badge"),
        (r#"<ob3:credential ob3:verify="https://example.org/1"/>"#, "<ob3:", "no_badge"),
        (r#"<ob3:credential verify="https://example.org/1"/>"#, "verify", "legacy_url_only"),
    ] {
        assert_eq!(refusal(svg(content)), at(content, needle, code), "{content}");
    }
    let body = "<ob3:credential>\nhttps://example.org/1\n</ob3:credential>";
    assert_eq!(refusal(svg(body)), "legacy_url_only at byte 0 of the SVG body");
    let sd_jwt = r#"<ob3:credential verify="a.b.c~"/>"#;
    let expected = "selective_disclosure at byte 0 of the SVG verify attribute";
    assert_eq!(refusal(svg(sd_jwt)), expected);
}

#[test]
fn a_body_is_one_run_of_text() {
    for (body, needle) in [
        ("{<!-- note -->}", "<!-- note"),
        ("<!-- note -->{}", "<!-- note"),
        ("{<?note?>}", "<?note"),
        ("<tspan>{}</tspan>", "<tspan"),
        ("{}<tspan/>", "<tspan"),
    ] {
        let content = format!("<ob3:credential>{body}</ob3:credential>");
        assert_eq!(refusal(svg(&content)), at(&content, needle, "mixed_content"), "{body}");
    }
}

#[test]
fn a_document_type_may_name_a_dtd_and_declare_nothing() {
    let file = baked_svg(BADGE);
    let digest = badge::read(file.as_bytes()).unwrap().digest;
    for prolog in [
        "",
        "\u{feff}",
        "<?xml-stylesheet version='2' encoding='x'?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE svg>\n",
        "<?xml version='1.0' encoding='utf-8' standalone='no'?><!-- > [ --><?x [ ?>\n\
         <!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://example.org/['>'].dtd\" >",
    ] {
        let with_prolog = format!("{prolog}{file}");
        assert_eq!(badge::read(with_prolog.as_bytes()).unwrap().digest, digest, "{prolog}");
    }
    for prolog in [
        "<!DOCTYPE svg []>",
        "<!DOCTYPE svg [<!ENTITY a 'b'>]>",
        "<!-- > --><!DOCTYPE svg [<!ATTLIST ob3:credential verify CDATA 'a.b.c'>]>",
        "<!DOCTYPE svg SYSTEM 'http://example.org/' [ %a; ]>",
    ] {
        let expected = format!("xml_dtd at byte {}", prolog.find('[').unwrap());
        assert_eq!(refusal(format!("{prolog}{file}")), expected, "{prolog}");
    }
    let late = format!("{file}<!DOCTYPE svg [<!ENTITY a 'b'>]>");
    assert_eq!(refusal(late), format!("xml_syntax at byte {}", file.len()));
    let twice = format!("<!DOCTYPE svg><!DOCTYPE svg [<!ENTITY a 'b'>]>{file}");
    assert!(refusal(twice).starts_with("xml_syntax at byte "));
}

#[test]
fn entities_are_refused_wherever_they_stand() {
    for content in [
        "<ob3:credential>&a;</ob3:credential>",
        "<ob3:credential>{\"a\":\"&nbsp;\"}</ob3:credential>",
        "<ob3:credential verify=\"&a;\"/>",
        "<text>&hearts;</text><ob3:credential>{}</ob3:credential>",
        "<text>a & b</text>",
    ] {
        assert_eq!(refusal(svg(content)), at(content, "&", "xml_entity"), "{content}");
        // a DTD that is not read cannot declare it either
        let named = format!("<!DOCTYPE svg SYSTEM 'http://example.org/'>{}", svg(content));
        assert_eq!(refusal(&named), format!("xml_entity at byte {}", named.find('&').unwrap()));
    }
}

#[test]
fn the_declared_encoding_is_the_one_it_is_read_in() {
    let declared = |encoding: &str, content: &str| {
        format!("<?xml version='1.0' encoding='{encoding}'?>{content}")
    };
    let korean = baked_svg(BADGE);
    let ascii = korean.replace("배지", "badge");
    for (encoding, content) in [("utf-8", &korean), ("UTF-8", &korean), ("iso-8859-1", &ascii)] {
        assert!(badge::read(declared(encoding, content).as_bytes()).is_ok(), "{encoding}");
    }
    for encoding in ["EUC-KR", "ISO-8859-1", "utf-16", ""] {
        let found = refusal(declared(encoding, &korean));
        assert!(found.starts_with("xml_encoding at byte "), "{encoding}: {found}");
    }
    // some readers know encodings that give ASCII bytes another meaning
    let hz = declared("HZ-GB-2312", &ascii);
    assert_eq!(refusal(&hz), format!("xml_encoding at byte {}", hz.find("HZ").unwrap()));
    // XML 1.1 has more line ends
    let newer = declared("UTF-8", &korean).replacen("1.0", "1.1", 1);
    assert_eq!(refusal(&newer), format!("xml_syntax at byte {}", newer.find("1.1").unwrap()));
    let euc_kr = [b"<svg><title>".as_slice(), b"\xb9\xe8", b"</title></svg>"].concat();
    assert_eq!(refusal(euc_kr), "invalid_utf8 at byte 12");
}

#[test]
fn counts_end_where_they_should() {
    let many = |piece: &dyn Fn(usize) -> String, count: usize| -> String {
        let content: String = (0..count).map(piece).collect();
        baked_svg(BADGE).replace("<rect", &format!("{content}<rect"))
    };
    let none = many(&|_| String::new(), 0);
    let (tags, equals) = (none.matches('<').count(), none.matches('=').count());
    let namespaces = none.matches("xmlns").count();
    let attributes = |count: usize| {
        let all: String = (0..count).map(|index| format!(" a{index}='>'")).collect();
        format!("<p{all}/>")
    };
    for (piece, limit) in [
        (&(|_| "<p/>".to_owned()) as &dyn Fn(usize) -> String, 65_536 - tags),
        (&|_| "=".to_owned(), 131_072 - equals),
        (&|index| format!("<p xmlns='{index}'/>"), 512 - namespaces),
    ] {
        assert!(badge::read(many(piece, limit).as_bytes()).is_ok(), "{}", piece(0));
        let found = refusal(many(piece, limit + 1));
        assert!(found.starts_with("xml_too_complex at byte "), "{}: {found}", piece(0));
    }
    assert!(badge::read(many(&|_| attributes(256), 3).as_bytes()).is_ok());
    assert!(refusal(many(&|_| attributes(257), 1)).starts_with("xml_too_complex at byte "));
    let namespace = |bytes| format!("<p xmlns:n = '{}' n:a='1' n:b='2'/>", "u".repeat(bytes));
    assert!(badge::read(many(&|_| namespace(1_024), 1).as_bytes()).is_ok());
    assert!(refusal(many(&|_| namespace(1_025), 1)).starts_with("xml_too_complex at byte "));
    // equal signs of a CDATA section are no attributes, wherever the quotes are
    let underlined = format!(r#"{{"a":"\"{}",{}"#, "=".repeat(300), &BADGE[1..]);
    let section = format!("<ob3:credential><![CDATA[{underlined}]]></ob3:credential>");
    assert!(badge::read(svg(&section).as_bytes()).is_ok());
    // a tag in a comment that opens a quote ends with the next tag
    let each: String = (0..100).map(|index| format!(" a{index}='='")).collect();
    let commented = format!("<!-- <p ' --><p{each}/><p{each}/><p{each}/>");
    assert!(badge::read(many(&|_| commented.clone(), 1).as_bytes()).is_ok());
    // a quote in a comment hides no attributes behind it
    let hidden = format!("<!-- <p \" -->{}", attributes(257));
    assert!(refusal(many(&|_| hidden.clone(), 1)).starts_with("xml_too_complex at byte "));
}

#[test]
fn size_ends_where_it_should() {
    let file = baked_svg(BADGE);
    let padded = |length: usize| format!("{file}{}", " ".repeat(length - file.len()));
    assert!(badge::read(padded(badge::MAX_IMAGE_BYTES).as_bytes()).is_ok());
    let expected = format!("too_large at byte {}", badge::MAX_IMAGE_BYTES);
    assert_eq!(refusal(padded(badge::MAX_IMAGE_BYTES + 1)), expected);
    let body = baked_svg(&format!("{BADGE}{}", " ".repeat(badge::json::MAX_BYTES)));
    assert_eq!(refusal(body), "too_large at byte 1048576 of the SVG body");
}
