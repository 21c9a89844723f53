//! Where the standards keep what is shown beside a digest.

use crate::Standard;
use crate::json::Value;

/// The object that says to whom and when.
pub(crate) fn assertion<'v, 'a>(
    document: &'v Value<'a>,
    standard: Standard,
) -> Option<&'v Value<'a>> {
    match standard {
        Standard::Blockcerts1 => document.get("document")?.get("assertion"),
        _ => Some(document),
    }
}

/// The badge class of the standards before verifiable credentials, inside or by URL.
pub(crate) fn badge_class<'v, 'a>(
    document: &'v Value<'a>,
    standard: Standard,
) -> Option<&'v Value<'a>> {
    match standard {
        Standard::Blockcerts1 => document.get("document")?.get("certificate"),
        _ if standard.is_verifiable_credential() => None,
        _ => document.get("badge"),
    }
}

/// The badge's own identifier.
pub(crate) fn id(document: &Value<'_>, standard: Standard) -> Option<String> {
    first_text(assertion(document, standard)?, &["id", "uid"])
}

/// Since when it is valid, as found.
pub(crate) fn valid_from(document: &Value<'_>, standard: Standard) -> Option<String> {
    let names = ["validFrom", "issuanceDate", "issuedOn", "issued_on"];
    first_text(assertion(document, standard)?, &names)
}

/// Until when it is valid, as found.
pub(crate) fn valid_until(document: &Value<'_>, standard: Standard) -> Option<String> {
    first_text(assertion(document, standard)?, &["validUntil", "expirationDate", "expires"])
}

/// The achievement's name.
pub(crate) fn name(document: &Value<'_>, standard: Standard) -> Option<String> {
    if !standard.is_verifiable_credential() {
        return text(badge_class(document, standard)?.get("name")?);
    }
    if standard == Standard::Clr20 {
        // its achievements are many, the record itself has one name
        return text(document.get("name")?);
    }
    let subjects = document.get("credentialSubject").map(Value::as_set).unwrap_or_default();
    let achievements = subjects.iter().filter_map(|subject| subject.get("achievement"));
    let names = achievements.flat_map(Value::as_set).filter_map(|one| one.get("name"));
    names.chain(document.get("name")).find_map(text)
}

fn first_text(object: &Value<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.get(name)).and_then(text)
}

/// A text, the first of several language versions of it, or a number (Open Badges 1.0 has times
/// in seconds).
pub(crate) fn text(value: &Value<'_>) -> Option<String> {
    match value {
        Value::String(text) => Some(text.as_ref().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(_) => value.get("@value")?.as_str().map(str::to_owned),
        Value::Array(versions) => versions.iter().find_map(|version| match version {
            Value::Array(_) => None,
            version => text(version),
        }),
        Value::Null | Value::Bool(_) => None,
    }
}
