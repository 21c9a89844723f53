//! Revocation of a badge, on chain.

use std::fmt;
use std::str::FromStr;

use proof::Timestamp;

/// Why a badge was revoked; the code stands in the registry's event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    Unspecified = 0,
    /// It should not have been issued.
    IssuedInError = 1,
    /// Another badge takes its place.
    Superseded = 2,
    /// The holder no longer meets the criteria.
    Withdrawn = 3,
    /// The issuer's key or account was misused.
    Compromised = 4,
}

impl RevocationReason {
    /// All reasons, by code.
    pub const ALL: [Self; 5] = [
        Self::Unspecified,
        Self::IssuedInError,
        Self::Superseded,
        Self::Withdrawn,
        Self::Compromised,
    ];

    /// The code on chain and in the database.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The reason of this code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::IssuedInError => "issued-in-error",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
            Self::Compromised => "compromised",
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no [`RevocationReason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected unspecified, issued-in-error, superseded, withdrawn or compromised")]
pub struct UnknownRevocationReason;

impl FromStr for RevocationReason {
    type Err = UnknownRevocationReason;

    fn from_str(name: &str) -> Result<Self, UnknownRevocationReason> {
        Self::ALL.into_iter().find(|reason| reason.name() == name).ok_or(UnknownRevocationReason)
    }
}

/// A requested revocation and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    pub reason: RevocationReason,
    pub requested_at: Timestamp,
    /// When the bit was seen at a final block; `None` while it is on its way.
    pub final_at: Option<Timestamp>,
}
