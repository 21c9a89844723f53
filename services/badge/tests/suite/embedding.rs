//! A proof into a badge of every form and out again: the digest stays, and so does every byte that
//! was there.
#![expect(clippy::unwrap_used, reason = "a fixture that is not what it should be fails its test")]

use badge::{Code, EmbedError, ExtractError, Form, Image, embed, extract, json};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use png::text_metadata::{EncodableTextChunk, ITXtChunk, TEXtChunk, ZTXtChunk};
use proof::{
    AnchorHint, BadgeRef, EmbeddedError, Hash, Inclusion, PNG_KEYWORD, Promise, ProofDocument,
    ReceiptKey, Rule, SVG_NAMESPACE, Timestamp, path_len,
};
use proptest::prelude::*;

use crate::fixtures;

/// Folders of files that are badges, or were meant to be.
const FOLDERS: [&str; 14] = [
    "blockcerts",
    "clr2",
    "ob1-json",
    "ob2-baked-png",
    "ob2-baked-svg",
    "ob2-json",
    "ob2-jws",
    "ob3-baked-png",
    "ob3-baked-svg",
    "ob3-json",
    "ob3-jwt",
    "vc-di-vectors",
    "vc-json",
    "status",
];

fn proof_of(digest: Hash, size: u64, external_id: Option<String>) -> ProofDocument {
    let salt = Hash([7; 32]);
    let issuer: proof::IssuerIdentifier = "did:web:hanbit.ac.kr".parse().unwrap();
    let badge = BadgeRef { rule: Rule::JcsSha256V1, digest, issuer: issuer.clone(), salt };
    let index = size / 2;
    let siblings = path_len(index, size).unwrap();
    let registry = proof::Address([0x11; 20]);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let receipt = external_id.map(|external_id| {
        ReceiptKey::from_seed([9; 32]).issue(Promise {
            service: "https://ingam.example/".to_owned(),
            issuer,
            rule: badge.rule,
            digest,
            salt,
            leaf: badge.entry().leaf(),
            external_id: Some(external_id),
            received_at: at("2026-03-01T09:30:00.250Z"),
            window_started_at: None,
            deadline_at: at("2026-03-02T09:00:00.000Z"),
            chain_id: 31337,
            registry,
        })
    });
    ProofDocument {
        badge,
        inclusion: Some(Inclusion {
            index,
            tree_size: size,
            path: (0..siblings).map(|level| Hash::of(&[&[level as u8]])).collect(),
            blockcerts_root: None,
        }),
        anchors: vec![AnchorHint::new(31337, registry)],
        token: None,
        receipt,
        deadline_at: None,
    }
}

fn proof_for(bytes: &[u8]) -> ProofDocument {
    proof_of(badge::read(bytes).unwrap().digest, 5, None)
}

/// Embeds, and checks all that must hold of any result.
fn embedded(bytes: &[u8], proof: &ProofDocument) -> Vec<u8> {
    let before = badge::read(bytes).unwrap();
    let with_proof = embed(bytes, proof).unwrap();
    let after = badge::read(&with_proof).unwrap();
    assert_eq!(after, before);
    assert_eq!(extract(&with_proof).unwrap().as_ref(), Some(proof));
    assert_eq!(embed(&with_proof, proof).unwrap(), with_proof, "twice is once");
    let other = ProofDocument {
        anchors: vec![AnchorHint::new(1, proof::Address([2; 20]))],
        ..proof.clone()
    };
    let replaced = embed(&with_proof, &other).unwrap();
    assert_eq!(extract(&replaced).unwrap(), Some(other));
    assert_eq!(embed(&replaced, proof).unwrap(), with_proof, "replaced and replaced again");
    with_proof
}

#[test]
fn every_fixture_keeps_its_digest_or_is_refused_by_name() {
    let (mut json, mut png, mut svg, mut hashed, mut signed) = (0, 0, 0, 0, 0);
    for file in FOLDERS.iter().flat_map(|folder| fixtures::folder(folder)) {
        let bytes = fixtures::bytes(&file);
        let Ok(read) = badge::read(&bytes) else {
            let nowhere = proof_of(Hash::ZERO, 5, None);
            assert!(matches!(embed(&bytes, &nowhere), Err(EmbedError::Refused(_))), "{file}");
            assert!(matches!(extract(&bytes), Err(ExtractError::Refused(_)) | Ok(None)), "{file}");
            continue;
        };
        assert_eq!(extract(&bytes).unwrap(), None, "{file}");
        let proof = proof_of(read.digest, 300, Some("2026-반도체-0001".to_owned()));
        let counted = match embed(&bytes, &proof) {
            Ok(_) => {
                embedded(&bytes, &proof);
                match read.form.image {
                    None => &mut json,
                    Some(Image::Png) => &mut png,
                    Some(Image::Svg) => &mut svg,
                }
            }
            Err(EmbedError::ChangesDigest) => {
                assert!(!read.standard.is_verifiable_credential(), "{file}");
                &mut hashed
            }
            Err(EmbedError::BreaksSignature) => {
                assert_eq!(read.form.outer(), Form::Jws, "{file}");
                &mut signed
            }
            Err(why) => panic!("{file}: {why}"),
        };
        *counted += 1;
    }
    let counts = [json, png, svg, hashed, signed];
    let least = [64, 5, 2, 17, 8];
    assert!(counts.iter().zip(least).all(|(count, least)| *count >= least), "{counts:?}");
}

#[test]
fn a_proof_stands_behind_the_issuers() {
    let original = fixtures::text("ob3-json/simple.json");
    let proof = proof_for(original.as_bytes());
    let entry = proof.to_data_integrity_proof().unwrap().to_json();
    let (issuers, after) = original.rsplit_once(']').unwrap();
    let expected = format!("{issuers},{entry}]{after}");
    assert_eq!(String::from_utf8(embedded(original.as_bytes(), &proof)).unwrap(), expected);
}

#[test]
fn an_image_is_the_same_but_for_the_proof() {
    let png = fixtures::bytes("ob3-baked-png/simple-json.png");
    let with_proof = embedded(&png, &proof_for(&png));
    let end = png.windows(4).rposition(|window| window == b"IEND").unwrap() - 4;
    assert_eq!(with_proof[..end], png[..end]);
    let added = with_proof.len() - png.len();
    assert_eq!(with_proof[end + added..], png[end..]);
    assert_eq!(&with_proof[end + 4..end + 8], b"iTXt");
    let text = proof_for(&png).to_ascii_json();
    let data = [b"ingamproof\0\0\0\0\0", text.as_bytes()].concat();
    assert_eq!(with_proof[end + 8..end + added - 4], data);

    let svg = fixtures::text("ob3-baked-svg/simple-jwt.svg");
    let with_proof =
        String::from_utf8(embedded(svg.as_bytes(), &proof_for(svg.as_bytes()))).unwrap();
    let element = format!(
        "<metadata xmlns=\"http://www.w3.org/2000/svg\"><proof xmlns=\"{SVG_NAMESPACE}\">{}</proof></metadata>",
        proof_for(svg.as_bytes()).to_ascii_json()
    );
    assert_eq!(with_proof.replacen(&element, "", 1), svg);
}

const CREDENTIAL: &str =
    r#"{"type":["VerifiableCredential"],"issuer":"did:web:hanbit.ac.kr","name":"반도체"}"#;

fn svg_of(credential: &str) -> String {
    format!(
        "\u{feff}<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<s:svg xmlns:s=\"http://www.w3.org/2000/svg\">\
         <a:assertion xmlns:a=\"http://openbadges.org\"><![CDATA[{credential}]]></a:assertion>\
         <s:metadata/></s:svg\n><!-- </s:svg> -->\n"
    )
}

/// A PNG with more chunks before its end.
fn png_with(chunks: &[u8]) -> Vec<u8> {
    let png = fixtures::bytes("ob3-baked-png/simple-json.png");
    let end = png.windows(4).rposition(|window| window == b"IEND").unwrap() - 4;
    [&png[..end], chunks, &png[end..]].concat()
}

fn chunk(chunk: &impl EncodableTextChunk) -> Vec<u8> {
    let mut bytes = Vec::new();
    chunk.encode(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_jws_in_json_form_carries_it_in_its_unprotected_header() {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let (payload, protected) = (encode(CREDENTIAL), encode(r#"{"alg":"EdDSA"}"#));
    let proof = proof_for(CREDENTIAL.as_bytes());
    let value = proof.to_proof_value();
    for (header, becomes) in [
        ("", format!(",\"header\":{{\"ingamProof\":\"{value}\"}}")),
        (",\"header\":{ }", format!(",\"header\":{{\"ingamProof\":\"{value}\" }}")),
        (
            ",\"header\":{\"kid\":\"1\"}",
            format!(",\"header\":{{\"kid\":\"1\",\"ingamProof\":\"{value}\"}}"),
        ),
    ] {
        let signature = format!("\"protected\":\"{protected}\",\"signature\":\"c2ln\"");
        let flattened = |header: &str| format!("{{\"payload\":\"{payload}\",{signature}{header}}}");
        let general = |header: &str| {
            format!("{{\"payload\":\"{payload}\",\"signatures\":[ {{{signature}{header}}} ]}}\n")
        };
        for form in [&flattened as &dyn Fn(&str) -> String, &general] {
            let with_proof = embedded(form(header).as_bytes(), &proof);
            assert_eq!(String::from_utf8(with_proof).unwrap(), form(&becomes));
        }
        let number = flattened(",\"header\":{\"ingamProof\":1}");
        assert_eq!(extract(number.as_bytes()), Err(EmbeddedError::Multibase.into()));
    }
    let compact = format!("{protected}.{payload}.c2ln");
    assert_eq!(embed(compact.as_bytes(), &proof), Err(EmbedError::BreaksSignature));
}

#[test]
fn what_an_image_holds_counts_before_what_its_badge_holds() {
    let inner = proof_of(badge::read(CREDENTIAL.as_bytes()).unwrap().digest, 1, None);
    let outer = proof_of(inner.badge.digest, 2, None);
    let credential = String::from_utf8(embedded(CREDENTIAL.as_bytes(), &inner)).unwrap();
    let image = svg_of(&credential);
    assert_eq!(extract(image.as_bytes()).unwrap(), Some(inner));
    let image = embed(image.as_bytes(), &outer).unwrap();
    assert_eq!(extract(&image).unwrap(), Some(outer));
}

#[test]
fn a_proof_that_was_moved_or_doubled_is_replaced_by_one() {
    let proof = proof_for(CREDENTIAL.as_bytes());
    let text = proof.to_ascii_json();
    let own = format!("<proof xmlns=\"{SVG_NAMESPACE}\">{text}</proof>");
    let bare = svg_of(CREDENTIAL);
    let expected = embedded(bare.as_bytes(), &proof);
    for (more, kept) in [
        (own.clone(), ""),
        (format!("<s:metadata>\n{own} {own}</s:metadata>"), ""),
        (
            format!("<s:metadata>{own}<s:title/></s:metadata>"),
            "<s:metadata><s:title/></s:metadata>",
        ),
        (format!("<proof xmlns=\"{SVG_NAMESPACE}\">{own}</proof>"), ""),
    ] {
        let image = bare.replacen("<s:metadata/>", &format!("{more}<s:metadata/>"), 1);
        let doubled = more.matches("<proof").count() > 1;
        let found = extract(image.as_bytes());
        assert_eq!(
            found,
            if doubled { Err(ExtractError::Several) } else { Ok(Some(proof.clone())) }
        );
        let expected = String::from_utf8(expected.clone()).unwrap();
        let expected = expected.replacen("<s:metadata/>", &format!("{kept}<s:metadata/>"), 1);
        assert_eq!(String::from_utf8(embed(image.as_bytes(), &proof).unwrap()).unwrap(), expected);
    }

    let plain = chunk(&ITXtChunk::new(PNG_KEYWORD, &text));
    let png = png_with(&[]);
    let proof = proof_for(&png);
    let doubled = png_with(&[&plain[..], &plain].concat());
    assert_eq!(extract(&doubled), Err(ExtractError::Several));
    assert_eq!(embed(&doubled, &proof).unwrap(), embed(&png, &proof).unwrap());
}

#[test]
fn an_image_without_room_of_its_own_is_refused() {
    let badge = format!(
        "<a:assertion xmlns:a=\"http://openbadges.org\"><![CDATA[{CREDENTIAL}]]></a:assertion>"
    );
    let own = format!("<proof xmlns=\"{SVG_NAMESPACE}\">{badge}</proof>");
    let wide = "반".repeat(2_000);
    for image in [
        badge.clone(),
        badge.replace("<![CDATA[", "\n<![CDATA["),
        own.clone(),
        format!("{own}<!--{wide}-->"),
        format!("{own}<!-- {wide}-->"),
        format!("{own}<!--  {wide}-->"),
        format!("<metadata xmlns=\"http://www.w3.org/2000/svg\">{own}</metadata><!--{wide}-->"),
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{own}</svg><!--{wide}-->"),
    ] {
        let refused = embed(image.as_bytes(), &proof_for(image.as_bytes())).unwrap_err();
        assert!(matches!(refused, EmbedError::NoPlace(_)), "{refused}: {image}");
    }
}

#[test]
fn a_badge_has_at_most_64_proofs_to_replace() {
    let proof = proof_for(CREDENTIAL.as_bytes());
    let entry = proof.to_data_integrity_proof().unwrap().to_json();
    let own = format!("<p:proof xmlns:p=\"{SVG_NAMESPACE}\"/>");
    let group = |proofs: &str| {
        svg_of(CREDENTIAL).replacen("<s:metadata/>", &format!("<s:g><s:a/>{proofs}</s:g>"), 1)
    };
    let chunk = chunk(&ITXtChunk::new(PNG_KEYWORD, "{}"));
    let with = |count: usize| {
        let entries = vec![entry.as_str(); count].join(" , ");
        let json = CREDENTIAL.replacen('{', &format!("{{\"proof\":[{entries}],"), 1);
        let svg = group(&own.repeat(count));
        [json.into_bytes(), svg.into_bytes(), png_with(&chunk.repeat(count))]
    };
    let expected = [
        CREDENTIAL.replacen('{', &format!("{{\"proof\":[{entry}],"), 1).into_bytes(),
        embed(group("").as_bytes(), &proof).unwrap(),
        embed(&png_with(&[]), &proof_for(&png_with(&[]))).unwrap(),
    ];
    for (full, expected) in with(64).iter().zip(expected) {
        assert_eq!(embed(full, &proof_for(full)).unwrap(), expected);
    }
    for over in with(65) {
        let refused = embed(&over, &proof_for(&over)).unwrap_err();
        assert_eq!(refused.code(), "no_place_for_proof");
        assert!(refused.to_string().contains("more than 64"), "{refused}");
    }
}

#[test]
fn of_a_jws_the_unprotected_header_alone_counts() {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let proof = proof_for(CREDENTIAL.as_bytes());
    let signed = |payload: &str, header: &str| {
        let protected = encode(r#"{"alg":"EdDSA"}"#);
        let payload = encode(payload);
        let compact = format!("{protected}.{payload}.c2ln");
        let signature = format!("\"protected\":\"{protected}\",\"signature\":\"c2ln\"{header}");
        let flattened = format!("{{\"payload\":\"{payload}\",{signature}}}");
        let general = format!("{{\"payload\":\"{payload}\",\"signatures\":[{{{signature}}}]}}");
        [compact, flattened, general]
    };
    let found = |badge: &str| {
        let image = extract(svg_of(badge).as_bytes()).unwrap();
        assert_eq!(extract(badge.as_bytes()).unwrap(), image, "{badge}");
        image
    };
    let header = format!(",\"header\":{{\"ingamProof\":\"{}\"}}", proof.to_proof_value());
    let [_, flattened, general] = signed(CREDENTIAL, &header);
    assert_eq!([found(&flattened), found(&general)], [Some(proof.clone()), Some(proof.clone())]);
    let within = String::from_utf8(embed(CREDENTIAL.as_bytes(), &proof).unwrap()).unwrap();
    assert_eq!(found(&within), Some(proof));
    for token in signed(&within, "") {
        assert_eq!(found(&token), None, "{token}");
    }
}

#[test]
fn what_only_looks_like_an_embedded_proof_is_refused() {
    let text = proof_for(CREDENTIAL.as_bytes()).to_ascii_json();
    let mut inflated = ITXtChunk::new(PNG_KEYWORD, &text);
    inflated.compressed = true;
    let mut translated = ITXtChunk::new(PNG_KEYWORD, &text);
    translated.language_tag = "ko".to_owned();
    for wrong in [
        chunk(&inflated),
        chunk(&translated),
        chunk(&TEXtChunk::new(PNG_KEYWORD, &text)),
        chunk(&ZTXtChunk::new(PNG_KEYWORD, &text)),
    ] {
        let refused = extract(&png_with(&wrong)).unwrap_err();
        assert!(matches!(refused, ExtractError::Carrier(_)), "{refused}");
        assert_eq!(refused.code(), "embedded_proof_refused");
    }
    let refused = extract(&png_with(&chunk(&ITXtChunk::new(PNG_KEYWORD, "{}")))).unwrap_err();
    assert!(matches!(refused, ExtractError::Embedded(EmbeddedError::Document(_))), "{refused}");
    let longer = chunk(&ITXtChunk::new(format!("{PNG_KEYWORD}s"), &text));
    assert_eq!(extract(&png_with(&longer)), Ok(None));

    let element = format!("<proof xmlns=\"{SVG_NAMESPACE}\">{text}<b/></proof>");
    let image = svg_of(CREDENTIAL).replacen("<s:metadata/>", &element, 1);
    assert!(matches!(extract(image.as_bytes()), Err(ExtractError::Carrier(_))));
    let other = svg_of(CREDENTIAL).replacen("<s:metadata/>", "<proof>{}</proof>", 1);
    assert_eq!(extract(other.as_bytes()), Ok(None));
}

#[test]
fn each_refusal_has_its_code() {
    let proof = proof_for(CREDENTIAL.as_bytes());
    let code = |proof: &ProofDocument| embed(CREDENTIAL.as_bytes(), proof).unwrap_err().code();
    assert_eq!(code(&proof_of(Hash::ZERO, 5, None)), "proof_of_another_badge");
    let mut file = proof.clone();
    file.badge.rule = Rule::FileSha256;
    assert_eq!(code(&file), "proof_of_another_badge");
    assert_eq!(code(&ProofDocument { inclusion: None, ..proof.clone() }), "proof_not_anchored");
    assert_eq!(code(&ProofDocument { anchors: Vec::new(), ..proof.clone() }), "proof_not_anchored");
    let mut cut = proof.clone();
    cut.inclusion.as_mut().unwrap().path.pop();
    assert_eq!(code(&cut), "proof_inconsistent");
    let mut altered = proof_of(proof.badge.digest, 5, Some("1".to_owned()));
    altered.badge.salt = Hash::ZERO;
    assert_eq!(code(&altered), "proof_inconsistent");
    assert_eq!(embed(b"{}", &proof).unwrap_err().code(), "not_a_badge");
    let assertion = fixtures::bytes("ob2-json/basic-assertion.json");
    assert_eq!(
        embed(&assertion, &proof_for(&assertion)).unwrap_err().code(),
        "embedding_changes_digest"
    );
    let signed = fixtures::bytes("ob3-jwt/1edtech-simple.jwt");
    assert_eq!(
        embed(&signed, &proof_for(&signed)).unwrap_err().code(),
        "embedding_breaks_signature"
    );
    let filler = badge::json::MAX_BYTES - CREDENTIAL.len() - 100;
    let full = CREDENTIAL.replacen("반도체", &"a".repeat(filler), 1);
    assert_eq!(
        embed(full.as_bytes(), &proof_for(full.as_bytes())).unwrap_err().code(),
        Code::TooLarge.as_str()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..Default::default() })]

    #[test]
    fn whatever_a_credential_and_a_proof_hold(
        name in any::<String>(),
        proofs in prop::collection::vec("[a-z]{0,4}", 0..4),
        list in any::<bool>(),
        white in "[ \\t\\r\\n]{0,3}",
        external_id in "\\PC{1,40}",
        size in 1_u64..=4_294_967_295,
    ) {
        let quoted = |text: &str| String::from_utf8(json::Value::String(text.into()).to_jcs().unwrap()).unwrap();
        let entries: Vec<_> = proofs.iter().map(|kind| format!("{{{white}\"type\":\"{kind}\"}}")).collect();
        let joined = entries.join(&format!("{white},{white}"));
        let proof = match (&entries[..], list) {
            ([], false) => String::new(),
            ([one], false) => format!("{white},\"proof\":{white}{one}{white}"),
            _ => format!(",\"proof\"{white}:[{white}{joined}{white}]"),
        };
        let credential = format!("{white}{{\"type\":\"VerifiableCredential\",\"name\":{}{proof}}}{white}", quoted(&name));
        let document = proof_of(badge::read(credential.as_bytes()).unwrap().digest, size, Some(external_id));
        embedded(credential.as_bytes(), &document);
        if !name.contains(|c: char| c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}')) && !credential.contains("]]>") {
            embedded(svg_of(&credential).as_bytes(), &document);
        }
    }

    #[test]
    fn any_bytes_around_an_embedded_proof_end_in_a_document_or_a_refusal(
        at in 0_usize..20_000,
        byte in any::<u8>(),
        which in 0..3,
    ) {
        let bare = match which {
            0 => CREDENTIAL.as_bytes().to_vec(),
            1 => svg_of(CREDENTIAL).into_bytes(),
            _ => png_with(&[]),
        };
        let proof = proof_for(&bare);
        let mut changed = embed(&bare, &proof).unwrap();
        let at = at % changed.len();
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        if let Ok(Some(found)) = extract(&changed) {
            prop_assert!(badge::open(&changed, |_| Ok(())).is_ok());
            prop_assert_eq!(found == proof, found.to_ascii_json() == proof.to_ascii_json());
        }
    }
}
