//! The JSON behind `tokenURI`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::{Standing, TokenFacts, issuer_shown, picture};

/// Metadata of a token: the schema of ERC-721, with `attributes` and `external_url` as
/// marketplaces read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenDocument {
    /// The achievement; begins with `[Revoked]` or `[Burned]` where that is so.
    pub name: String,
    /// What it is, and how to check it.
    pub description: String,
    /// The issuer's image while the token is valid, else a generated SVG in a `data:` URL.
    pub image: String,
    /// Where people read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// Issuer, level, state, time of minting, then the issuer's own.
    pub attributes: Vec<Attribute>,
}

/// A property that wallets list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Its name.
    pub trait_type: String,
    /// How a marketplace shows it: `date` for times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_type: Option<&'static str>,
    /// Its value.
    pub value: AttributeValue,
}

/// The value of a property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// Seconds since 1970-01-01T00:00:00Z.
    Time(i64),
}

const ERASED: &str = "The record behind this token was erased at its owner's or issuer's request. \
                      The token itself cannot be changed.";

impl TokenDocument {
    /// The document of a token.
    #[must_use]
    pub fn of(facts: &TokenFacts<'_>) -> Self {
        let image = facts.metadata.and_then(|metadata| metadata.image.clone());
        let shows_issuers_image = matches!(facts.standing, Standing::Valid | Standing::Pending);
        Self {
            name: name(facts),
            description: description(facts),
            image: image
                .filter(|_| shows_issuers_image)
                .unwrap_or_else(|| data_url(&picture(facts))),
            external_url: facts.metadata.and_then(|metadata| metadata.url.clone()),
            attributes: attributes(facts),
        }
    }

    /// The document in JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, integers and lists of them are JSON")
    }
}

pub(crate) fn data_url(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

/// What the token is called before anything is said of its state.
pub(crate) fn plain_name<'a>(facts: &TokenFacts<'a>) -> &'a str {
    facts.metadata.map_or("Digital badge", |metadata| metadata.name.as_str())
}

fn name(facts: &TokenFacts<'_>) -> String {
    let name = plain_name(facts);
    match facts.standing {
        Standing::Revoked(_) => format!("[Revoked] {name}"),
        Standing::Burned => format!("[Burned] {name}"),
        Standing::Pending | Standing::Valid => name.to_owned(),
    }
}

fn description(facts: &TokenFacts<'_>) -> String {
    let Some(issuer) = facts.issuer else { return ERASED.to_owned() };
    let own = facts.metadata.and_then(|metadata| metadata.description.as_deref());
    let standing = match facts.standing {
        Standing::Pending => "It is not final on chain yet.".to_owned(),
        Standing::Valid => "It cannot be transferred.".to_owned(),
        Standing::Revoked(reason) => format!("It was revoked ({reason})."),
        Standing::Burned => "Its owner gave it up.".to_owned(),
    };
    let about = format!("A digital badge of {issuer}, anchored on chain. {standing}");
    own.map_or_else(|| about.clone(), |own| format!("{own}\n\n{about}"))
}

fn attributes(facts: &TokenFacts<'_>) -> Vec<Attribute> {
    let text = |name: &str, value: &str| Attribute {
        trait_type: name.to_owned(),
        display_type: None,
        value: AttributeValue::Text(value.to_owned()),
    };
    let issuer = facts.issuer.map(|issuer| text("Issuer", &issuer_shown(issuer)));
    let level = facts.metadata.and_then(|metadata| metadata.level);
    let level = level.map(|level| text("Level", level.name()));
    let reason = match facts.standing {
        Standing::Revoked(reason) => Some(text("Reason", reason.name())),
        _ => None,
    };
    let minted = facts.minted_at.map(|at| Attribute {
        trait_type: "Minted".to_owned(),
        display_type: Some("date"),
        value: AttributeValue::Time(at.millis() / 1000),
    });
    let own = facts.metadata.map(|metadata| metadata.attributes.as_slice()).unwrap_or_default();
    let own = own.iter().map(|one| text(&one.name, &one.value));
    let state = Some(text("State", facts.standing.name()));
    [issuer, level, state, reason, minted].into_iter().flatten().chain(own).collect()
}
