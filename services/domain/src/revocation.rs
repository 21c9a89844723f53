//! Revocation of a badge, on chain.

use std::fmt;
use std::str::FromStr;

use proof::Timestamp;

/// Most leaf indexes that one transaction revokes.
///
/// The registry keeps 256 neighbours in one slot, so indexes far apart cost a new slot each: 20,000
/// gas to write it, 2,100 to touch it and about 400 of input and loop, 22,500 in all. 64 of them and
/// 35,000 for the transaction itself are 1.5 million; with the estimate's margin of a quarter 1.9
/// million, a fifth of the default gas cap. A job above the cap could never be sent.
pub const MAX_REVOKED_INDEXES: u32 = 64;

/// Why a badge was revoked: a CRLReason of RFC 5280 section 5.3.1, those that can be said of a badge.
/// Its code stands in the registry's event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    Unspecified = 0,
    /// The issuer's key or account was misused.
    KeyCompromise = 1,
    /// The holder's name or affiliation is no longer as the badge says.
    AffiliationChanged = 3,
    /// Another badge takes its place.
    Superseded = 4,
    /// The programme has ended and its badges with it.
    CessationOfOperation = 5,
    /// Issued in error, or the holder no longer meets the criteria.
    PrivilegeWithdrawn = 9,
}

impl RevocationReason {
    /// All reasons, by code.
    pub const ALL: [Self; 6] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
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
            Self::KeyCompromise => "key-compromise",
            Self::AffiliationChanged => "affiliation-changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation-of-operation",
            Self::PrivilegeWithdrawn => "privilege-withdrawn",
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
#[error(
    "expected unspecified, key-compromise, affiliation-changed, superseded, cessation-of-operation \
     or privilege-withdrawn"
)]
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
