//! The check `issuer-match`: does the badge name the issuer whose account anchored it?

use proof::IssuerIdentifier;

use crate::Badge;

/// The outcome of [`issuer_match`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IssuerMatch {
    /// Every issuer that the badge names is the registered one or a listed alias.
    Match,
    /// The badge names another issuer.
    Other,
    /// The badge names none: for instance its badge class is only a URL.
    NotComparable,
}

/// Compares byte for byte. Only [`IssuerMatch::Match`] may lead to a plain "verified".
#[must_use]
pub fn issuer_match(
    badge: &Badge,
    registered: &IssuerIdentifier,
    aliases: &[String],
) -> IssuerMatch {
    let is_known = |issuer: &String| issuer == registered.as_str() || aliases.contains(issuer);
    match badge.issuers.as_slice() {
        [] => IssuerMatch::NotComparable,
        issuers if issuers.iter().all(is_known) => IssuerMatch::Match,
        _ => IssuerMatch::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_issuers_must_be_known() {
        let registered: IssuerIdentifier = "https://a.example/".parse().unwrap();
        let aliases = ["did:web:a.example".to_owned()];
        for (issuer, outcome) in [
            (r#""https://a.example/""#, IssuerMatch::Match),
            (r#"{"id":"did:web:a.example"}"#, IssuerMatch::Match),
            (r#"["https://a.example/","did:web:a.example"]"#, IssuerMatch::Match),
            (r#""https://A.example/""#, IssuerMatch::Other),
            (r#""https://a.example""#, IssuerMatch::Other),
            (r#"["https://a.example/","did:web:b.example"]"#, IssuerMatch::Other),
            (r#"{"name":"A"}"#, IssuerMatch::NotComparable),
            (r#"["https://a.example/",{"name":"A"}]"#, IssuerMatch::NotComparable),
        ] {
            let text = format!(r#"{{"type":"VerifiableCredential","issuer":{issuer}}}"#);
            let badge = crate::read(text.as_bytes()).unwrap();
            assert_eq!(issuer_match(&badge, &registered, &aliases), outcome, "{issuer}");
        }
    }
}
