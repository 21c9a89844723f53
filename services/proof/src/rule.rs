//! How a digest was made from a badge; bound into the leaf.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The digest rule of an entry. Its code is one byte of the entry, so that nobody can relabel a
/// proof under another rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Rule {
    /// SHA-256 over the JCS form (RFC 8785) of the credential without its top-level `proof`.
    #[serde(rename = "jcs-sha256-v1")]
    JcsSha256V1 = 1,
    /// SHA-256 over the bytes of a file.
    #[serde(rename = "file-sha256")]
    FileSha256 = 2,
    /// 32 bytes whose making only the issuer knows.
    #[serde(rename = "opaque")]
    Opaque = 3,
    /// SHA-256 over the RDFC-1.0 form of a Blockcerts credential.
    #[serde(rename = "rdfc-sha256-v1")]
    RdfcSha256V1 = 4,
    /// The head of the service's own audit log.
    #[serde(rename = "audit-head")]
    AuditHead = 5,
}

/// A rule name or code that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown digest rule {0}")]
pub struct UnknownRule(pub String);

impl Rule {
    /// All rules, by code.
    pub const ALL: [Self; 5] =
        [Self::JcsSha256V1, Self::FileSha256, Self::Opaque, Self::RdfcSha256V1, Self::AuditHead];

    /// The byte in the entry.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The rule of this code.
    ///
    /// # Errors
    /// [`UnknownRule`] for a code outside 1–5.
    pub fn from_code(code: u8) -> Result<Self, UnknownRule> {
        let found = Self::ALL.into_iter().find(|rule| rule.code() == code);
        found.ok_or_else(|| UnknownRule(code.to_string()))
    }

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JcsSha256V1 => "jcs-sha256-v1",
            Self::FileSha256 => "file-sha256",
            Self::Opaque => "opaque",
            Self::RdfcSha256V1 => "rdfc-sha256-v1",
            Self::AuditHead => "audit-head",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, UnknownRule> {
        let found = Self::ALL.into_iter().find(|rule| rule.name() == name);
        found.ok_or_else(|| UnknownRule(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_one_to_one() {
        for rule in Rule::ALL {
            assert_eq!(Rule::from_code(rule.code()), Ok(rule));
            assert_eq!(rule.name().parse(), Ok(rule));
        }
        assert!(Rule::from_code(0).is_err() && Rule::from_code(6).is_err());
        assert!("JCS-SHA256-V1".parse::<Rule>().is_err());
    }
}
