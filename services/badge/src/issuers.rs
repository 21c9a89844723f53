//! Who issued a badge, in the badge's own words.

use crate::Standard;
use crate::fields::badge_class;
use crate::json::Value;

/// Most issuers of one badge: each is compared with the others, and with each signature's key.
const MAX_ISSUERS: usize = 16;

/// Every issuer identifier of a badge once, all of which must agree: `issuer`, `issuer.id`, the
/// badge class's issuer likewise, and `claimed` by a JWT around it. Empty when there is none, when
/// one of several issuers has no identifier, or when they are more than 16: then nothing can be
/// compared.
pub(crate) fn of(
    document: &Value<'_>,
    claimed: Option<&Value<'_>>,
    standard: Standard,
) -> Vec<String> {
    let class = badge_class(document, standard);
    let stated = [document.get("issuer"), class.and_then(|class| class.get("issuer")), claimed];
    let issuers = stated.into_iter().flatten().flat_map(Value::as_set);
    let mut named = Vec::new();
    for issuer in issuers {
        let Some(identifier) = identifier(issuer) else { return Vec::new() };
        if !named.contains(&identifier) {
            if named.len() == MAX_ISSUERS {
                return Vec::new();
            }
            named.push(identifier);
        }
    }
    named
}

fn identifier(issuer: &Value<'_>) -> Option<String> {
    let named = match issuer {
        Value::Object(_) => issuer.get("id")?,
        other => other,
    };
    named.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuers(standard: Standard, text: &str) -> Vec<String> {
        of(&crate::json::parse(text.as_bytes()).unwrap(), None, standard)
    }

    #[test]
    fn of_verifiable_credentials() {
        let vc = Standard::OpenBadges30;
        assert_eq!(issuers(vc, r#"{"issuer":"did:example:1"}"#), ["did:example:1"]);
        assert_eq!(
            issuers(vc, r#"{"issuer":{"id":"https://a.example/"}}"#),
            ["https://a.example/"]
        );
        assert_eq!(
            issuers(vc, r#"{"issuer":["did:a:1",{"id":"did:b:2"}]}"#),
            ["did:a:1", "did:b:2"]
        );
        for unnamed in [
            "{}",
            r#"{"issuer":[]}"#,
            r#"{"issuer":null}"#,
            r#"{"issuer":{"name":"A"}}"#,
            r#"{"issuer":{"id":7}}"#,
            r#"{"issuer":["did:a:1",{"name":"B"}]}"#,
            r#"{"badge":{"issuer":"did:a:1"}}"#,
        ] {
            assert!(issuers(vc, unnamed).is_empty(), "{unnamed}");
        }
    }

    #[test]
    fn of_more_issuers_than_can_be_compared_none_counts() {
        let text = |count: usize| {
            let named: Vec<_> = (0..count).map(|at| format!("\"did:a:{at}\"")).collect();
            // naming one twice makes no more of them
            format!(r#"{{"issuer":[{0},{0}]}}"#, named.join(","))
        };
        assert_eq!(issuers(Standard::OpenBadges30, &text(16)).len(), 16);
        assert!(issuers(Standard::OpenBadges30, &text(17)).is_empty());
    }

    #[test]
    fn of_older_badges() {
        let ob2 = Standard::OpenBadges20;
        assert_eq!(
            issuers(ob2, r#"{"badge":{"issuer":"https://a.example/"}}"#),
            ["https://a.example/"]
        );
        assert_eq!(issuers(ob2, r#"{"badge":{"issuer":{"id":"did:a:1"}}}"#), ["did:a:1"]);
        let both = r#"{"issuer":"did:a:1","badge":{"issuer":{"id":"did:b:2"}}}"#;
        assert_eq!(issuers(ob2, both), ["did:a:1", "did:b:2"]);
        assert!(
            issuers(Standard::OpenBadges10, r#"{"badge":"https://a.example/class"}"#).is_empty()
        );
        let ob05 = r#"{"badge":{"issuer":{"origin":"http://a.example","name":"A"}}}"#;
        assert!(issuers(Standard::OpenBadges05, ob05).is_empty());
        let blockcert = r#"{"document":{"certificate":{"issuer":{"id":"https://a.example/"}}}}"#;
        assert_eq!(issuers(Standard::Blockcerts1, blockcert), ["https://a.example/"]);
    }
}
