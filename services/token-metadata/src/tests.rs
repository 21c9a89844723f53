use domain::{Level, MetadataAttribute, PublicMetadata, RevocationReason};
use proof::{Hash, Timestamp, TokenId};
use proptest::prelude::*;

use super::*;

fn metadata() -> PublicMetadata {
    PublicMetadata {
        name: "반도체 <공정> & \"설계\" 심화과정".to_owned(),
        description: Some("24학점".to_owned()),
        image: None,
        url: Some("https://semi.hanbit.ac.kr/advanced".to_owned()),
        level: Some(Level::Silver),
        attributes: vec![MetadataAttribute { name: "Credits".into(), value: "24".into() }],
    }
}

fn facts(metadata: Option<&PublicMetadata>, standing: Standing) -> TokenFacts<'_> {
    TokenFacts {
        id: TokenId::of(Hash([0xab; 32]), 3),
        issuer: Some("https://semi.hanbit.ac.kr/issuer"),
        metadata,
        standing,
        minted_at: Timestamp::from_millis(1_700_000_000_123).ok(),
    }
}

/// All texts of a picture, which must be well-formed XML.
fn texts(svg: &str) -> String {
    let document = roxmltree::Document::parse(svg).unwrap();
    let shown = document.descendants().filter(|node| node.has_tag_name("text"));
    shown.filter_map(|node| node.text()).collect::<Vec<_>>().join("\n")
}

fn image_of(document: &TokenDocument) -> String {
    use base64::Engine as _;
    let data = document.image.strip_prefix("data:image/svg+xml;base64,").unwrap();
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(data).unwrap()).unwrap()
}

#[test]
fn says_what_it_is_who_gave_it_and_how_it_stands() {
    let metadata = metadata();
    let document = TokenDocument::of(&facts(Some(&metadata), Standing::Valid));
    assert_eq!(document.name, metadata.name);
    assert!(document.description.starts_with("24학점\n\nA digital badge of https://semi"));
    assert_eq!(document.external_url, metadata.url);
    let json: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap();
    let attributes = serde_json::json!([
        { "trait_type": "Issuer", "value": "semi.hanbit.ac.kr" },
        { "trait_type": "Level", "value": "silver" },
        { "trait_type": "State", "value": "valid" },
        { "trait_type": "Minted", "display_type": "date", "value": 1_700_000_000 },
        { "trait_type": "Credits", "value": "24" },
    ]);
    assert_eq!(json["attributes"], attributes);
    let shown = texts(&image_of(&document));
    for text in ["반도체 <공정> &", "SILVER", "semi.hanbit.ac.kr", "ANCHORED", "abababab…00000003"]
    {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert!(!shown.contains("REVOKED"));
}

#[test]
fn the_issuers_image_stands_while_the_token_does() {
    let own = "https://semi.hanbit.ac.kr/advanced.png".to_owned();
    let metadata = PublicMetadata { image: Some(own.clone()), ..metadata() };
    assert_eq!(TokenDocument::of(&facts(Some(&metadata), Standing::Valid)).image, own);
    let revoked = Standing::Revoked(RevocationReason::PrivilegeWithdrawn);
    for (standing, prefix, band) in
        [(revoked, "[Revoked] ", "REVOKED"), (Standing::Burned, "[Burned] ", "BURNED")]
    {
        let document = TokenDocument::of(&facts(Some(&metadata), standing));
        assert!(document.name.starts_with(prefix));
        assert!(texts(&image_of(&document)).contains(band));
    }
    let document = TokenDocument::of(&facts(Some(&metadata), revoked));
    assert!(document.description.ends_with("It was revoked (privilege-withdrawn)."));
}

#[test]
fn an_erased_one_is_generic() {
    let erased = TokenFacts { issuer: None, ..facts(None, Standing::Valid) };
    let document = TokenDocument::of(&erased);
    assert_eq!(document.name, "Digital badge");
    assert!(document.description.contains("erased"));
    assert!(document.attributes.iter().all(|one| one.trait_type != "Issuer"));
    assert!(texts(&image_of(&document)).contains("RECORD ERASED"));
    // still this token's own pattern
    let other = TokenFacts { id: TokenId::of(Hash([0xcd; 32]), 3), ..erased };
    assert_ne!(picture(&erased), picture(&other));
}

#[test]
fn each_level_has_its_colours() {
    let with = |level| PublicMetadata { level, ..metadata() };
    let all = [None, Some(Level::Bronze), Some(Level::Silver), Some(Level::Gold)].map(with);
    let pictures: std::collections::HashSet<_> =
        all.iter().map(|metadata| picture(&facts(Some(metadata), Standing::Valid))).collect();
    assert_eq!(pictures.len(), 4);
}

#[test]
fn a_collection_names_its_issuer_and_volume() {
    let service = "https://ingam.example";
    let facts = CollectionFacts { issuer: Some("https://hanbit.ac.kr"), volume: 2, service };
    let document = CollectionDocument::of(&facts);
    assert_eq!(document.name, "Badges of hanbit.ac.kr, volume 2");
    assert_eq!(document.external_link, service);
    let operators = CollectionFacts { issuer: None, volume: 1, service };
    assert_eq!(CollectionDocument::of(&operators).name, "Badges of several issuers");
}

#[test]
fn long_dids_are_shortened() {
    assert_eq!(issuer_shown("did:web:hanbit.ac.kr"), "did:web:hanbit.ac.kr");
    let key = format!("did:key:z6Mk{}", "a".repeat(40));
    assert_eq!(issuer_shown(&key), "did:key:z6Mkaaaaaaaaaaaaaaaa…aaaaaaaa");
}

proptest! {
    #[test]
    fn any_name_makes_a_picture(name in "\\PC{1,200}", id: [u8; 32]) {
        let metadata = PublicMetadata { name, ..metadata() };
        let facts = TokenFacts { id: TokenId(id), ..facts(Some(&metadata), Standing::Pending) };
        let svg = picture(&facts);
        let document = roxmltree::Document::parse(&svg);
        prop_assert!(document.is_ok_and(|svg| svg.root_element().has_attribute("viewBox")));
    }
}
