//! What must hold for every badge in every form: the carrier changes neither digest nor verdict,
//! and no change of a file ends in anything but a badge or a refusal.

use badge::{Layer, Place};
use proptest::prelude::*;

use crate::baking::{HEADER, baked_png, baked_svg, compact, flattened, general, itxt, png};
use crate::fixtures;
use crate::properties::json_text;

/// Whether XML can carry the text at all (XML 1.0 production 2).
fn is_xml_text(text: &str) -> bool {
    text.chars().all(|c| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'))
}

/// `text` in every form, with the layers around it, innermost first.
fn carried(text: &str) -> Vec<(Vec<u8>, Vec<Layer>)> {
    use Layer::{JwsPayload, PngText, SvgBody, SvgVerify};
    let token = compact(HEADER, text);
    let mut all = vec![
        (baked_png(text), vec![PngText]),
        (baked_png(&token), vec![JwsPayload, PngText]),
        (baked_png(&general(HEADER, text)), vec![JwsPayload, PngText]),
        (flattened(HEADER, text).into(), vec![JwsPayload]),
        (general(HEADER, text).into(), vec![JwsPayload]),
        (baked_svg(&token).into(), vec![JwsPayload, SvgBody]),
        (
            crate::baking::svg(&format!("<ob3:credential verify='{token}'/>")).into(),
            vec![JwsPayload, SvgVerify],
        ),
        (token.into(), vec![JwsPayload]),
    ];
    if is_xml_text(text) {
        all.push((baked_svg(text).into(), vec![SvgBody]));
        all.push((baked_svg(&flattened(HEADER, text)).into(), vec![JwsPayload, SvgBody]));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..Default::default() })]

    #[test]
    fn baked_is_bare(content in json_text(), member in "proof|a|id|vc2") {
        let text = format!(
            "{{\"type\":[\"VerifiableCredential\"],\r\n\t\"issuer\" : \"did:a:b\",\
             \"{member}\":{content},\"<&>\":\"]]>\"}}"
        );
        let bare = badge::read(text.as_bytes());
        for (bytes, layers) in carried(&text) {
            match (&bare, badge::read(&bytes)) {
                (Ok(bare), Ok(badge)) => {
                    prop_assert_eq!(badge.digest, bare.digest);
                    prop_assert_eq!(badge.standard, bare.standard);
                    prop_assert_eq!(&badge.issuers, &bare.issuers);
                    prop_assert_eq!(&badge.id, &bare.id);
                }
                (Err(bare), Err(refusal)) => {
                    let around = |place, layer: Layer| Place::Inside(layer, Box::new(place));
                    prop_assert_eq!(refusal.code, bare.code);
                    prop_assert_eq!(refusal.place, layers.into_iter().fold(bare.place.clone(), around));
                }
                (bare, carried) => prop_assert!(false, "{:?} but {:?}", bare, carried),
            }
        }
    }

    #[test]
    fn what_is_opened_and_written_anew_has_the_same_digest(content in json_text()) {
        let text = format!(r#"{{"type":"VerifiableCredential","a":{content}}}"#);
        for (bytes, _) in carried(&text) {
            let Ok(badge) = badge::read(&bytes) else { continue };
            let jcs = badge::open(&bytes, |opened| opened.credential.to_jcs()).unwrap();
            prop_assert_eq!(badge::read(&jcs).unwrap().digest, badge.digest);
        }
    }
}

/// A file that was changed: cut, overwritten, doubled in part.
fn changed(files: Vec<(String, Vec<u8>)>) -> impl Strategy<Value = (String, Vec<u8>)> {
    let change = (any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..6), 0..4_u8);
    (prop::sample::select(files), prop::collection::vec(change, 1..4)).prop_map(
        |(file, changes)| {
            let (name, mut bytes) = file;
            for (at, new, kind) in changes {
                let at = at.index(bytes.len() + 1);
                let end = (at + new.len()).min(bytes.len());
                match kind {
                    0 => bytes.truncate(at),
                    1 => drop(bytes.splice(at..end, new)),
                    2 => drop(bytes.splice(at..at, new)),
                    _ => bytes.extend_from_within(at..end),
                }
            }
            (name, bytes)
        },
    )
}

fn all_files() -> Vec<(String, Vec<u8>)> {
    let rows = fixtures::table::<8>("expected-read.tsv");
    let files = rows.into_iter().map(|row| (row[0].clone(), fixtures::bytes(&row[0])));
    // what is larger only costs time here
    files.filter(|(_, bytes)| bytes.len() < 20_000).collect()
}

/// A place in the bytes that were given is one of them.
fn check_place(place: &Place, length: usize) -> Result<(), TestCaseError> {
    if let Place::Byte(offset) = place {
        prop_assert!(*offset <= length, "byte {} of {}", offset, length);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4_000, ..Default::default() })]

    #[test]
    fn any_change_of_a_file_ends_in_a_badge_or_a_refusal((name, bytes) in changed(all_files())) {
        prop_assert!(!name.is_empty());
        match badge::read(&bytes) {
            Ok(badge) => prop_assert_eq!(badge.form.outer(), badge::classify(&bytes)),
            Err(refusal) => check_place(&refusal.place, bytes.len())?,
        }
    }

    #[test]
    fn any_change_of_a_carried_text_too((name, bytes) in changed(all_files())) {
        // with a checksum that holds, so that the reader gets to it
        let file = png(&[itxt("openbadges", &bytes)]);
        match badge::read(&file) {
            Ok(badge) => {
                let bare = badge::read(&bytes).map(|bare| bare.digest);
                prop_assert_eq!(bare, Ok(badge.digest), "{}", name);
            }
            Err(refusal) => {
                let Place::Inside(Layer::PngText, inner) = &refusal.place else {
                    return Err(TestCaseError::fail(format!("{name}: {refusal}")));
                };
                check_place(inner, bytes.len())?;
                // an image in an image is the only badge that is refused for where it is
                if let Ok(bare) = badge::read(&bytes) {
                    prop_assert!(bare.form.image.is_some(), "{}: {}", name, refusal);
                }
            }
        }
    }

    #[test]
    fn any_chunk_is_read_or_refused(
        kind in "[izt]TXt",
        keyword in "openbadges|openbadgecredential|clrcredential|Comment|.{0,4}",
        flags in "[\0-\u{2}]{0,6}",
        text in prop_oneof![Just("{}".to_owned()), json_text(), any::<String>()],
    ) {
        let mut name = [0; 4];
        name.copy_from_slice(kind.as_bytes());
        let data = format!("{keyword}{flags}{text}");
        let file = png(&[crate::baking::Chunk::new(&name, data)]);
        let refusal = badge::read(&file).unwrap_err();
        check_place(&refusal.place, file.len())?;
    }

    #[test]
    fn any_svg_is_read_or_refused(
        open in "<(ob2:assertion|ob3:credential|clr:credential|ob3:other)( verify='(a.b.c|https://a|\\{\\})')?>",
        body in "(\\{\\}|<!-- a -->|<!\\[CDATA\\[\\{\\}\\]\\]>|&lt;|&a;|<g/>|[ a\r\n]){0,4}",
        close in "</(ob2:assertion|ob3:credential|clr:credential|ob3:other)>|/>|",
    ) {
        let file = crate::baking::svg(&format!("{open}{body}{close}"));
        let refusal = badge::read(file.as_bytes()).unwrap_err();
        check_place(&refusal.place, file.len())?;
    }
}
