//! One row of the service's audit log, as it is hashed.

use serde::{Deserialize, Serialize};

use crate::spelling::safe_integer;
use crate::{Hash, Timestamp};

/// The prefix of a leaf (RFC 9162 section 2.1.1); the audit log has a tree of its own.
const LEAF_PREFIX: [u8; 1] = [0x00];

/// Who did what, and when. It never holds a digest of a badge, a salt, or anything about a person.
///
/// In JSON it has two more members, `type` = `ingam-audit-row` and `version` = 1. Unknown members
/// are refused: they would not be hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct AuditRow {
    /// The row's number in the service's database; distinct, rising, not without gaps. At most
    /// [`crate::MAX_SAFE_INTEGER`].
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who, as `administrator`, `account 1` or `signer 1`.
    pub actor: String,
    /// What, as `issuer.add`.
    pub action: String,
    /// To what, as `issuer 7`.
    pub subject: String,
}

impl AuditRow {
    /// RFC 8785 form.
    #[must_use]
    pub fn to_jcs(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self)
            .expect("a struct of texts and integers has a JCS form, and a Vec takes every byte")
    }

    /// `SHA-256(0x00 ‖ JCS(row))`: its leaf in the tree of the log.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        Hash::of(&[&LEAF_PREFIX, &self.to_jcs()])
    }
}

#[derive(Serialize, Deserialize)]
enum Type {
    #[serde(rename = "ingam-audit-row")]
    Row,
}

const VERSION: u64 = 1;

/// [`AuditRow`] with the members that never vary.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a row of an audit log")]
struct Written {
    #[serde(rename = "type")]
    kind: Type,
    version: u64,
    #[serde(with = "safe_integer")]
    number: u64,
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
}

impl From<AuditRow> for Written {
    fn from(row: AuditRow) -> Self {
        let AuditRow { number, at, actor, action, subject } = row;
        Self { kind: Type::Row, version: VERSION, number, at, actor, action, subject }
    }
}

impl TryFrom<Written> for AuditRow {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { kind: Type::Row, version, number, at, actor, action, subject } = written;
        if version != VERSION {
            return Err("this version of the format has rows of version 1 only");
        }
        Ok(Self { number, at, actor, action, subject })
    }
}
