//! The JSON behind `contractURI` (ERC-7572).

use serde::Serialize;

use crate::document::data_url;
use crate::issuer_shown;
use crate::picture::collection_picture;

/// What is known of a collection.
#[derive(Debug, Clone, Copy)]
pub struct CollectionFacts<'a> {
    /// The identifier of the issuer that it belongs to; `None` for the operator's, which holds
    /// badges of several.
    pub issuer: Option<&'a str>,
    /// 1, 2, 3, … of its issuer.
    pub volume: i32,
    /// The service's public page.
    pub service: &'a str,
}

/// Metadata of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectionDocument {
    /// Its issuer and volume.
    pub name: String,
    /// What its tokens are.
    pub description: String,
    /// A generated SVG in a `data:` URL.
    pub image: String,
    /// The service.
    pub external_link: String,
}

impl CollectionDocument {
    /// The document of a collection.
    #[must_use]
    pub fn of(facts: &CollectionFacts<'_>) -> Self {
        let of_whom = facts.issuer.map(issuer_shown);
        let title = of_whom.as_deref().unwrap_or("several issuers").to_owned();
        let volume = match facts.volume {
            1 => String::new(),
            volume => format!(", volume {volume}"),
        };
        Self {
            name: format!("Badges of {title}{volume}"),
            description: format!(
                "Digital badges of {title} as tokens that cannot be transferred. Each token is a \
                 leaf of an anchored Merkle tree; its proof is checked without this service."
            ),
            image: data_url(&collection_picture(&title, facts.volume)),
            external_link: facts.service.to_owned(),
        }
    }

    /// The document in JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts are JSON")
    }
}
