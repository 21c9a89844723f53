//! What wallets and marketplaces show of a token: the metadata of ERC-721 with its picture, and
//! that of a collection (ERC-7572). Everything is inside the document, nothing refers to a host that
//! could be gone in ten years, unless the issuer gave such an image. No I/O.
#![warn(missing_docs)]

mod collection;
mod document;
mod lines;
mod picture;
mod rosette;

pub use collection::{CollectionDocument, CollectionFacts};
pub use document::{Attribute, AttributeValue, TokenDocument};
pub use picture::picture;

use domain::{PublicMetadata, RevocationReason};
use proof::{Timestamp, TokenId};

/// What is known of a token.
#[derive(Debug, Clone, Copy)]
pub struct TokenFacts<'a> {
    /// Its id.
    pub id: TokenId,
    /// The issuer's registered identifier; `None` when the badge was erased.
    pub issuer: Option<&'a str>,
    /// What the issuer made public; `None` also when the badge was erased.
    pub metadata: Option<&'a PublicMetadata>,
    /// How it stands.
    pub standing: Standing,
    /// Block time of the minting; `None` until it is final.
    pub minted_at: Option<Timestamp>,
}

/// Whether a token still says what it was minted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not on chain at a final block yet.
    Pending,
    /// On chain and neither revoked nor burned.
    Valid,
    /// Revoked on chain.
    Revoked(RevocationReason),
    /// Given up by its owner.
    Burned,
}

impl Standing {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Valid => "valid",
            Self::Revoked(_) => "revoked",
            Self::Burned => "burned",
        }
    }
}

/// An issuer as people recognise it: the host of an `https://` identifier, else a DID without the
/// middle of a long key.
fn issuer_shown(identifier: &str) -> String {
    if let Some(rest) = identifier.strip_prefix("https://") {
        return rest.split('/').next().unwrap_or(rest).to_owned();
    }
    match identifier.char_indices().nth(28) {
        Some((at, _)) if identifier.is_ascii() && identifier.len() > 40 => {
            format!("{}…{}", &identifier[..at], &identifier[identifier.len() - 8..])
        }
        _ => identifier.to_owned(),
    }
}

#[cfg(test)]
mod tests;
