//! The identifier under which an issuer is registered.

use std::fmt;
use std::str::FromStr;

use crate::Hash;
use crate::text_form::text_form;

/// Longest identifier, in bytes.
pub const MAX_IDENTIFIER_LEN: usize = 512;

/// An issuer's identifier: ASCII; `https://` with a lower-case A-label host, no default port, user
/// information or fragment, and a path that is never empty; or a bare DID (W3C DID Core
/// section 3.1). It is hashed byte for byte, so it has one spelling and never changes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerIdentifier(String);

/// Why a text is no [`IssuerIdentifier`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerIdentifierError {
    /// Empty or longer than [`MAX_IDENTIFIER_LEN`].
    #[error("an issuer identifier has 1 to 512 bytes")]
    Length,
    /// A character other than printable ASCII without space, at this offset.
    #[error("an issuer identifier is printable ASCII without spaces (offset {0})")]
    Character(usize),
    /// Neither `https://` nor `did:`.
    #[error("an issuer identifier begins with https:// or did:")]
    Scheme,
    /// The host has upper-case letters or other characters than a domain name has.
    #[error("the host of an issuer identifier is a lower-case domain name (A-labels)")]
    Host,
    /// User information, a port that is empty, no number or the default, a backslash, or a fragment.
    #[error("an issuer identifier has no user information, default port or fragment")]
    Part,
    /// No path after the host.
    #[error("the path of an issuer identifier is never empty; write a final slash")]
    Path,
    /// Not `did:method:id`.
    #[error("a DID has the form did:method:id, without path, query or fragment")]
    Did,
}

impl IssuerIdentifier {
    /// SHA-256 over the identifier's bytes: its place in an [`crate::Entry`].
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&[self.0.as_bytes()])
    }

    /// The identifier as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_https(rest: &str) -> Result<(), IssuerIdentifierError> {
    use IssuerIdentifierError as E;
    if rest.contains(['#', '@', '\\']) {
        return Err(E::Part);
    }
    let (authority, _path) = rest.split_once('/').ok_or(E::Path)?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if let Some(port) = port {
        let number: u16 = port.parse().map_err(|_| E::Part)?;
        if number == 0 || number == 443 || number.to_string() != port {
            return Err(E::Part);
        }
    }
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    if host.len() <= 253 && host.split('.').all(label_ok) { Ok(()) } else { Err(E::Host) }
}

fn check_did(rest: &str) -> Result<(), IssuerIdentifierError> {
    let (method, id) = rest.split_once(':').ok_or(IssuerIdentifierError::Did)?;
    let method_ok =
        !method.is_empty() && method.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'));
    let id_ok = !id.is_empty()
        && !id.ends_with(':')
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:%".contains(&b));
    if method_ok && id_ok { Ok(()) } else { Err(IssuerIdentifierError::Did) }
}

impl FromStr for IssuerIdentifier {
    type Err = IssuerIdentifierError;

    fn from_str(text: &str) -> Result<Self, IssuerIdentifierError> {
        if text.is_empty() || text.len() > MAX_IDENTIFIER_LEN {
            return Err(IssuerIdentifierError::Length);
        }
        if let Some(offset) = text.bytes().position(|b| !b.is_ascii_graphic()) {
            return Err(IssuerIdentifierError::Character(offset));
        }
        if let Some(rest) = text.strip_prefix("https://") {
            check_https(rest)?;
        } else if let Some(rest) = text.strip_prefix("did:") {
            check_did(rest)?;
        } else {
            return Err(IssuerIdentifierError::Scheme);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for IssuerIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(IssuerIdentifier);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_one_spelling_only() {
        use IssuerIdentifierError as E;
        for good in [
            "https://hanbit.ac.kr/",
            "https://a.example:8443/issuers/7",
            "https://a.example/?id=7",
            "did:web:a.example:x",
        ] {
            assert!(good.parse::<IssuerIdentifier>().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", E::Length),
            ("https://한빛.kr/", E::Character(8)),
            ("http://a.example/", E::Scheme),
            ("https://A.example/", E::Host),
            ("https://a..example/", E::Host),
            ("https://a.example", E::Path),
            ("https://a.example:443/", E::Part),
            ("https://a.example:08/", E::Part),
            ("https://u@a.example/", E::Part),
            ("https://a.example/#x", E::Part),
            ("did:web", E::Did),
            ("did:web:a#key", E::Did),
            ("did:WEB:a", E::Did),
        ] {
            assert_eq!(bad.parse::<IssuerIdentifier>(), Err(why), "{bad}");
        }
    }
}
