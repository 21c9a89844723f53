//! API keys and what they allow.

use std::fmt;
use std::str::FromStr;

use proof::{Hash, Timestamp};
use subtle::ConstantTimeEq;

use crate::{AccountId, Entropy, IssuerId};

const PREFIX: &str = "ingam_";
const SECRET_LEN: usize = 64;
const CHECK_LEN: usize = 6;
/// How much of a key may be shown in lists and logs.
const SHOWN_LEN: usize = PREFIX.len() + 8;

/// A key in clear, as its holder sends it: `ingam_`, 64 hexadecimal digits (256 random bits), `_`
/// and 6 digits of a checksum, which tells a mistyped key from a revoked one. It is shown once and
/// never stored.
#[derive(Clone)]
pub struct ApiKey(String);

/// A text that cannot be a key of this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the form of a key.
    #[error("an API key is ingam_, 64 hexadecimal digits, _ and 6 digits")]
    Form,
    /// The checksum does not fit.
    #[error("the API key is mistyped: its checksum does not fit")]
    Checksum,
}

fn checksum(body: &str) -> String {
    let mut text = Hash::of(&[body.as_bytes()]).to_string();
    text.truncate(CHECK_LEN);
    text
}

impl ApiKey {
    /// A new key.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let body = format!("{PREFIX}{}", hex::encode(entropy.bytes32()));
        Self(format!("{body}_{}", checksum(&body)))
    }

    /// The whole key, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The first characters, to recognise it by.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.0[..SHOWN_LEN]
    }

    /// SHA-256 of the key: what is stored.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&[self.0.as_bytes()])
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.shown())
    }
}

impl FromStr for ApiKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let secret = text.strip_prefix(PREFIX).ok_or(KeyError::Form)?;
        let (secret, check) = secret.split_once('_').ok_or(KeyError::Form)?;
        let digits = |text: &str, len| {
            text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !digits(secret, SECRET_LEN) || !digits(check, CHECK_LEN) {
            return Err(KeyError::Form);
        }
        let expected = checksum(&format!("{PREFIX}{secret}"));
        if bool::from(expected.as_bytes().ct_eq(check.as_bytes())) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError::Checksum)
        }
    }
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Submit, revoke and erase badges.
    Ingest,
    /// Read badges, states and proofs of the account.
    Read,
}

impl Scope {
    const ALL: [Self; 2] = [Self::Ingest, Self::Read];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Ingest => 1,
            Self::Read => 2,
        }
    }
}

/// A set of scopes; in the database a number of three bits. The third was once given out as `admin`
/// and never allowed anything: administration is done on the host, not over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// The set of these scopes.
    #[must_use]
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// From the database; `None` for unknown bits or the empty set.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits == 0 || bits > 7 { None } else { Some(Self(bits)) }
    }

    /// For the database.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether `scope` is in the set.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope {0:?}; expected a comma-separated list of ingest, read")]
pub struct UnknownScope(String);

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let mut scopes = Self::default();
        for name in text.split(',') {
            let found = Scope::ALL.into_iter().find(|scope| scope.name() == name);
            scopes.0 |= found.ok_or_else(|| UnknownScope(name.to_owned()))?.bit();
        }
        Ok(scopes)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            Scope::ALL.into_iter().filter(|scope| self.has(*scope)).map(Scope::name).collect();
        f.write_str(&names.join(","))
    }
}

/// A key as stored and listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// [`ApiKey::hash`].
    pub hash: Hash,
    pub account: AccountId,
    /// [`ApiKey::shown`].
    pub shown: String,
    pub scopes: Scopes,
    /// Empty: all issuers of the account.
    pub issuers: Vec<IssuerId>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What the bearer of a valid key may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyGrant {
    pub account: AccountId,
    pub scopes: Scopes,
    /// Empty: all issuers of the account.
    pub issuers: Vec<IssuerId>,
}

impl ApiKeyRecord {
    /// The grant, while the key is neither expired nor revoked.
    #[must_use]
    pub fn grant(&self, now: Timestamp) -> Option<KeyGrant> {
        let ended = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if ended(self.expires_at) || ended(self.revoked_at) {
            return None;
        }
        Some(KeyGrant { account: self.account, scopes: self.scopes, issuers: self.issuers.clone() })
    }
}

impl KeyGrant {
    /// Whether the key may speak for `issuer` (which must belong to the account).
    #[must_use]
    pub fn covers(&self, issuer: IssuerId) -> bool {
        self.issuers.is_empty() || self.issuers.contains(&issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn a_mistyped_key_is_told_from_an_unknown_one() {
        let key = ApiKey::generate(&SeededEntropy::new(1));
        let text = key.reveal().to_owned();
        assert_eq!(text.parse::<ApiKey>().unwrap().hash(), key.hash());
        let flipped = if text.as_bytes()[10] == b'0' { "1" } else { "0" };
        let mistyped = format!("{}{flipped}{}", &text[..10], &text[11..]);
        assert_eq!(mistyped.parse::<ApiKey>().unwrap_err(), KeyError::Checksum);
        assert_eq!("secret".parse::<ApiKey>().unwrap_err(), KeyError::Form);
        assert!(!format!("{key:?}").contains(&text[20..]));
    }

    #[test]
    fn scopes_read_and_print() {
        let scopes: Scopes = "read,ingest".parse().unwrap();
        assert_eq!(scopes.to_string(), "ingest,read");
        assert!(scopes.has(Scope::Read) && scopes.has(Scope::Ingest));
        assert!("".parse::<Scopes>().is_err() && Scopes::from_bits(8).is_none());
        assert!("admin".parse::<Scopes>().is_err());
        let former = Scopes::from_bits(4).unwrap();
        assert!(Scope::ALL.into_iter().all(|scope| !former.has(scope)));
    }
}
