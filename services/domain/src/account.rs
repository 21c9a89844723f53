//! Platforms and the issuers they speak for.

use std::fmt;
use std::str::FromStr;

use proof::{IssuerIdentifier, Timestamp};

use crate::{AccountId, IssuerId};

/// A platform: it has keys and limits, and owns issuers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub created_at: Timestamp,
}

/// How an issuer showed that the identifier is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// A file under the identifier's host.
    WellKnown,
    /// A signature by the DID's key.
    DidAuth,
    /// An administrator looked.
    Manual,
}

impl Control {
    /// The name in documents and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WellKnown => "well-known",
            Self::DidAuth => "did-auth",
            Self::Manual => "manual",
        }
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no [`Control`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected well-known, did-auth or manual")]
pub struct UnknownControl;

impl FromStr for Control {
    type Err = UnknownControl;

    fn from_str(name: &str) -> Result<Self, UnknownControl> {
        let all = [Self::WellKnown, Self::DidAuth, Self::Manual];
        all.into_iter().find(|control| control.name() == name).ok_or(UnknownControl)
    }
}

/// A university or body in whose name badges are anchored. Its identifier never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    pub id: IssuerId,
    pub account: AccountId,
    pub identifier: IssuerIdentifier,
    /// Other identifiers that its badges carry (`alsoKnownAs`).
    pub aliases: Vec<String>,
    pub control: Control,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}
