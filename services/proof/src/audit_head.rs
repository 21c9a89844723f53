//! What is anchored of the audit log.

use serde::{Deserialize, Serialize};

use crate::spelling::{present, safe_integer};
use crate::{Entry, Hash, IssuerIdentifier, Rule, Timestamp};

/// The issuer of every head's entry. Nobody can ever have this host (RFC 6761 section 6.4), so it
/// is no issuer's.
pub const AUDIT_ISSUER: &str = "https://audit-log.invalid/";

/// "The first `size` rows of the log have this root." Heads are chained: rows that one of them
/// covers are covered by all later ones.
///
/// In JSON it has two more members, `type` = `ingam-audit-head` and `version` = 1. Unknown members
/// are refused: they would not be hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct AuditHead {
    /// The service's id, as in the trust file.
    pub service: String,
    /// 1, 2, 3, …
    pub sequence: u64,
    /// Rows covered, at least 1.
    pub size: u64,
    /// Of the tree over their leaves.
    pub root: Hash,
    /// Digest of the head before this one; `None` for the first.
    pub previous: Option<Hash>,
    /// When.
    pub made_at: Timestamp,
}

impl AuditHead {
    /// RFC 8785 form.
    #[must_use]
    pub fn to_jcs(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self)
            .expect("a struct of texts and integers has a JCS form, and a Vec takes every byte")
    }

    /// `SHA-256(JCS(head))`: the digest by [`Rule::AuditHead`].
    #[must_use]
    pub fn digest(&self) -> Hash {
        Hash::of(&[&self.to_jcs()])
    }

    /// Its entry in the tree of badges. The salt keeps others from finding it there.
    #[must_use]
    pub fn entry(&self, salt: Hash) -> Entry {
        let issuer = Hash::of(&[AUDIT_ISSUER.as_bytes()]);
        Entry { rule: Rule::AuditHead, issuer, digest: self.digest(), salt }
    }
}

/// [`AUDIT_ISSUER`] as a value.
///
/// # Panics
/// Never: the text is an identifier.
#[must_use]
pub fn audit_issuer() -> IssuerIdentifier {
    AUDIT_ISSUER.parse().expect("it is https:// with a lower-case host and a path")
}

#[derive(Serialize, Deserialize)]
enum Type {
    #[serde(rename = "ingam-audit-head")]
    Head,
}

const VERSION: u64 = 1;

/// [`AuditHead`] with the members that never vary.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a head of an audit log")]
struct Written {
    #[serde(rename = "type")]
    kind: Type,
    version: u64,
    service: String,
    #[serde(with = "safe_integer")]
    sequence: u64,
    #[serde(with = "safe_integer")]
    size: u64,
    root: Hash,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    previous: Option<Hash>,
    made_at: Timestamp,
}

impl From<AuditHead> for Written {
    fn from(head: AuditHead) -> Self {
        let AuditHead { service, sequence, size, root, previous, made_at } = head;
        let (kind, version) = (Type::Head, VERSION);
        Self { kind, version, service, sequence, size, root, previous, made_at }
    }
}

impl TryFrom<Written> for AuditHead {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Type::Head = written.kind;
        if written.version != VERSION {
            return Err("this version of the format has heads of version 1 only");
        }
        let Written { service, sequence, size, root, previous, made_at, .. } = written;
        if sequence == 0 || size == 0 {
            return Err("a head's sequence and size are at least 1");
        }
        if previous.is_some() != (sequence > 1) {
            return Err("each head but the first names the one before it");
        }
        Ok(Self { service, sequence, size, root, previous, made_at })
    }
}
