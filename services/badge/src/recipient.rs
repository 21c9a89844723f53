//! Is this person the recipient? An e-mail address, or another identifier that somebody enters,
//! against the one in the badge, in clear or hashed (Open Badges 2.0 `IdentityObject`, 3.0
//! `IdentityObject` in `identifier`). Nothing of it is kept.

use proof::Hash;

use crate::json::Value;
use crate::{Refusal, Standard, claims, open};

/// The outcome of [`recipient_match`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecipientMatch {
    /// The badge was given to whom was entered.
    Match,
    /// It was given to somebody else.
    Other,
    /// It names its recipient by a hash that is not SHA-256 (MD5 among them): anybody could be made
    /// to fit, or nobody.
    OtherHash,
    /// It names nobody, or by another kind of identifier than was entered.
    NotComparable,
}

/// Compares `entered` with every recipient of the badge; one that fits suffices.
///
/// Hashed is the identifier followed by the salt, in UTF-8. An e-mail address is compared as
/// entered and in lower case, since issuers hash one or the other; in clear, without regard to
/// the case of ASCII letters. Other identifiers are compared byte for byte. White space around
/// what was entered does not count.
///
/// # Errors
/// Those of [`crate::read()`], but for `proof_not_allowed`.
pub fn recipient_match(bytes: &[u8], entered: &str) -> Result<RecipientMatch, Refusal> {
    open(bytes, |opened| {
        let (credential, standard) = claims::credential(&opened)?;
        let entered = Entered::new(entered);
        if entered.text.is_empty() {
            return Ok(RecipientMatch::NotComparable);
        }
        Ok(best(&identities(credential, standard), &entered))
    })
}

/// What somebody entered.
struct Entered<'a> {
    text: &'a str,
    is_email: bool,
}

impl<'a> Entered<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.trim();
        let text = text.strip_prefix("mailto:").unwrap_or(text);
        Self { text, is_email: is_email(text) }
    }

    fn forms(&self) -> Vec<String> {
        let mut forms = vec![self.text.to_owned()];
        if self.is_email {
            forms.push(self.text.to_ascii_lowercase());
            forms.push(self.text.to_lowercase());
        }
        forms
    }
}

/// No URI has an `@` before a colon, but for those of mail.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, _)| !local.contains(':'))
}

/// One way in which a badge names its recipient.
#[derive(Debug, PartialEq)]
enum Identity<'v> {
    Plain(&'v str),
    Sha256 { digits: &'v str, salt: &'v str, is_email: Option<bool> },
    OtherHash,
}

impl<'v> Identity<'v> {
    /// `hashed` is believed where it is there; without, a text that begins as a hash is one.
    fn new(value: &'v str, hashed: Option<bool>, salt: &'v str, is_email: Option<bool>) -> Self {
        match value.split_once('$') {
            Some(("sha256", digits)) if hashed != Some(false) => {
                Self::Sha256 { digits, salt, is_email }
            }
            Some((algorithm, _)) if hashed.is_none() && is_algorithm(algorithm) => Self::OtherHash,
            _ if hashed == Some(true) => Self::OtherHash,
            _ => Self::Plain(value.strip_prefix("mailto:").unwrap_or(value)),
        }
    }

    fn compare(&self, entered: &Entered<'_>) -> RecipientMatch {
        let fits = match self {
            Self::OtherHash => return RecipientMatch::OtherHash,
            Self::Plain(value) if is_email(value) != entered.is_email => {
                return RecipientMatch::NotComparable;
            }
            Self::Plain(value) if entered.is_email => value.eq_ignore_ascii_case(entered.text),
            Self::Plain(value) => *value == entered.text,
            Self::Sha256 { is_email: Some(is_email), .. } if *is_email != entered.is_email => {
                return RecipientMatch::NotComparable;
            }
            Self::Sha256 { digits, salt, .. } => entered.forms().iter().any(|form| {
                let hash = Hash::of(&[form.as_bytes(), salt.as_bytes()]).to_string();
                hash.eq_ignore_ascii_case(digits)
            }),
        };
        if fits { RecipientMatch::Match } else { RecipientMatch::Other }
    }
}

fn is_algorithm(text: &str) -> bool {
    ["md5", "sha1", "sha384", "sha512"].contains(&text)
}

/// A match beats everything; "somebody else" is only said when every identity was compared.
fn best(identities: &[Identity<'_>], entered: &Entered<'_>) -> RecipientMatch {
    let found: Vec<_> = identities.iter().map(|identity| identity.compare(entered)).collect();
    let order = [RecipientMatch::Match, RecipientMatch::OtherHash, RecipientMatch::Other];
    order.into_iter().find(|one| found.contains(one)).unwrap_or(RecipientMatch::NotComparable)
}

fn identities<'v>(credential: &'v Value<'_>, standard: Standard) -> Vec<Identity<'v>> {
    if standard.is_verifiable_credential() {
        let subjects = credential.get("credentialSubject").map(Value::as_set).unwrap_or_default();
        return subjects.iter().flat_map(of_subject).collect();
    }
    let recipient = match standard {
        Standard::Blockcerts1 => credential.get("document").and_then(|it| it.get("recipient")),
        _ => credential.get("recipient"),
    };
    let Some(recipient) = recipient else { return Vec::new() };
    match recipient.as_str() {
        // Open Badges 0.5: a text, its salt beside it
        Some(text) => {
            let salt = credential.get("salt").and_then(Value::as_str).unwrap_or_default();
            vec![Identity::new(text, None, salt, Some(true))]
        }
        None => {
            recipient.as_set().iter().filter_map(|one| object(one, "identity", "type")).collect()
        }
    }
}

/// The subject's own identifier, its `email`, and those in `identifier`.
fn of_subject<'v>(subject: &'v Value<'_>) -> Vec<Identity<'v>> {
    let plain = ["id", "email"].into_iter().filter_map(|name| subject.get(name)?.as_str());
    let plain = plain.map(|text| Identity::new(text, Some(false), "", None));
    let objects = subject.get("identifier").map(Value::as_set).unwrap_or_default();
    plain
        .chain(objects.iter().filter_map(|one| match one.as_str() {
            Some(text) => Some(Identity::new(text, None, "", None)),
            None => object(one, "identityHash", "identityType"),
        }))
        .collect()
}

fn object<'v>(object: &'v Value<'_>, value: &str, kind: &str) -> Option<Identity<'v>> {
    let text = |name| object.get(name).and_then(Value::as_str);
    let hashed = match object.get("hashed") {
        Some(Value::Bool(hashed)) => Some(*hashed),
        _ => None,
    };
    let is_email = text(kind).map(|kind| matches!(kind, "email" | "emailAddress"));
    Some(Identity::new(text(value)?, hashed, text("salt").unwrap_or_default(), is_email))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(badge: &str, entered: &str) -> RecipientMatch {
        recipient_match(badge.as_bytes(), entered).unwrap()
    }

    fn hashed(text: &str) -> String {
        format!("sha256${}", Hash::of(&[text.as_bytes()]))
    }

    #[test]
    fn of_assertions() {
        let badge = |recipient: &str| {
            let context = r#""@context":"https://w3id.org/openbadges/v2","type":"Assertion""#;
            format!(
                r#"{{{context},"id":"urn:uuid:1","badge":"https://a.example/","verification":{{"type":"hosted"}},"issuedOn":"2026-01-01T00:00:00Z","recipient":{recipient}}}"#
            )
        };
        let of = |identity: &str, more: &str| {
            badge(&format!(r#"{{"type":"email","identity":"{identity}"{more}}}"#))
        };
        let salted = hashed("kim@hanbit.exampleSALT");
        let upper = salted.replace("sha256$", "").to_uppercase();
        for (badge, expected) in [
            (of("kim@hanbit.example", ""), RecipientMatch::Match),
            (of("KIM@hanbit.example", r#","hashed":false"#), RecipientMatch::Match),
            (of("lee@hanbit.example", ""), RecipientMatch::Other),
            (of(&salted, r#","hashed":true,"salt":"SALT""#), RecipientMatch::Match),
            (
                of(&format!("sha256${upper}"), r#","hashed":true,"salt":"SALT""#),
                RecipientMatch::Match,
            ),
            (of(&salted, r#","salt":"SALT""#), RecipientMatch::Match),
            (of(&salted, r#","hashed":true,"salt":"PEPPER""#), RecipientMatch::Other),
            (of(&salted, r#","hashed":true"#), RecipientMatch::Other),
            (of(&salted, r#","hashed":false,"salt":"SALT""#), RecipientMatch::NotComparable),
            (of(&hashed("Kim@Hanbit.example"), r#","hashed":true"#), RecipientMatch::Match),
            (of(&hashed("kim@hanbit.example"), r#","hashed":true"#), RecipientMatch::Match),
            (
                of("md5$0cc175b9c0f1b6a831c399e269772661", r#","hashed":true"#),
                RecipientMatch::OtherHash,
            ),
            (of("md5$0cc175b9c0f1b6a831c399e269772661", ""), RecipientMatch::OtherHash),
            (of("kim@hanbit.example", r#","hashed":true"#), RecipientMatch::OtherHash),
            (badge("{}"), RecipientMatch::NotComparable),
            (badge("null"), RecipientMatch::NotComparable),
            (
                badge(r#"{"type":"url","identity":"https://kim.example/"}"#),
                RecipientMatch::NotComparable,
            ),
        ] {
            assert_eq!(compared(&badge, " Kim@Hanbit.example "), expected, "{badge}");
        }
        let url = badge(r#"{"type":"url","identity":"https://kim.example/"}"#);
        assert_eq!(compared(&url, "https://kim.example/"), RecipientMatch::Match);
        assert_eq!(compared(&url, "https://KIM.example/"), RecipientMatch::Other);
    }

    #[test]
    fn of_a_published_badge() {
        let badge = include_str!("../../../tests/vectors/badges/ob2-json/basic-assertion.json");
        assert_eq!(compared(badge, "Nobody@example.org"), RecipientMatch::Match);
        assert_eq!(compared(badge, "test@example.org"), RecipientMatch::Other);
    }

    #[test]
    fn of_credentials() {
        let badge = |subject: &str| {
            format!(r#"{{"type":["VerifiableCredential"],"credentialSubject":{subject}}}"#)
        };
        let identifier = |hash: &str, more: &str| {
            let object = format!(r#"{{"type":"IdentityObject","identityHash":"{hash}"{more}}}"#);
            badge(&format!(r#"{{"id":"did:example:kim","identifier":[{object}]}}"#))
        };
        let email = r#","identityType":"emailAddress","hashed":true,"salt":"S""#;
        let student = r#","identityType":"studentId","hashed":true,"salt":"S""#;
        let salted = hashed("kim@hanbit.exampleS");
        for (badge, entered, expected) in [
            (identifier(&salted, email), "kim@hanbit.example", RecipientMatch::Match),
            (identifier(&salted, email), "mailto:kim@hanbit.example", RecipientMatch::Match),
            (identifier(&salted, email), "lee@hanbit.example", RecipientMatch::Other),
            (identifier(&salted, email), "did:example:kim", RecipientMatch::Match),
            (identifier(&salted, email), "did:example:lee", RecipientMatch::Other),
            (identifier(&hashed("2026-7S"), student), "2026-7", RecipientMatch::Match),
            (
                identifier(&hashed("2026-7S"), student),
                "kim@hanbit.example",
                RecipientMatch::NotComparable,
            ),
            (
                badge(r#"{"id":"did:example:kim"}"#),
                "kim@hanbit.example",
                RecipientMatch::NotComparable,
            ),
            (
                badge(r#"{"id":"mailto:kim@hanbit.example"}"#),
                "Kim@hanbit.example",
                RecipientMatch::Match,
            ),
            (
                badge(r#"{"email":"kim@hanbit.example"}"#),
                "kim@hanbit.example",
                RecipientMatch::Match,
            ),
            (badge("[]"), "kim@hanbit.example", RecipientMatch::NotComparable),
            (badge("7"), "kim@hanbit.example", RecipientMatch::NotComparable),
            (badge(r#"{"email":""}"#), " ", RecipientMatch::NotComparable),
            (
                badge(r#"[{"email":"lee@hanbit.example"},{"email":"kim@hanbit.example"}]"#),
                "kim@hanbit.example",
                RecipientMatch::Match,
            ),
        ] {
            assert_eq!(compared(&badge, entered), expected, "{badge} {entered}");
        }
    }
}
