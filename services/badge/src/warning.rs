//! What a digest does not cover, and what a careful issuer would want to know.

use std::fmt;

use serde::{Serialize, Serializer};
use unicode_normalization::is_nfc;

use crate::fields::badge_class;
use crate::json::Value;
use crate::{Form, Opened, Place, Standard};

/// Longest pointer in a warning, in bytes: names inside a badge have no limit of their own.
const MAX_POINTER_BYTES: usize = 256;

/// Said beside an accepted badge; never changes its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A text or a member's name is not in Unicode's NFC (Hangul from macOS often is not): the
    /// same words composed have another digest. Only the first is named, or an object around it.
    NfdText(Place),
    /// The badge class is only a URL: what stands there is not covered.
    BadgeClassNotCovered(Place),
    /// The badge class's issuer is only a URL: what stands there is not covered.
    IssuerNotCovered(Place),
    /// A baked image: the picture is not covered, only the badge inside.
    PictureNotCovered(Place),
    /// A JWS: its header and signature are not covered, only its payload.
    SignatureNotCovered(Place),
}

impl Warning {
    /// The stable name in documents.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NfdText(_) => "nfd_text",
            Self::BadgeClassNotCovered(_) => "badge_class_not_covered",
            Self::IssuerNotCovered(_) => "issuer_not_covered",
            Self::PictureNotCovered(_) => "picture_not_covered",
            Self::SignatureNotCovered(_) => "signature_not_covered",
        }
    }

    /// Where.
    #[must_use]
    pub const fn place(&self) -> &Place {
        match self {
            Self::NfdText(place)
            | Self::BadgeClassNotCovered(place)
            | Self::IssuerNotCovered(place)
            | Self::PictureNotCovered(place)
            | Self::SignatureNotCovered(place) => place,
        }
    }

    /// One sentence for people.
    #[must_use]
    pub const fn detail(&self) -> &'static str {
        match self {
            Self::NfdText(_) => "the text is not in NFC; the same words in NFC have another digest",
            Self::BadgeClassNotCovered(_) => "the badge class is only a URL and not covered",
            Self::IssuerNotCovered(_) => "the issuer is only a URL and its profile not covered",
            Self::PictureNotCovered(_) => "the picture is not covered, only the badge inside",
            Self::SignatureNotCovered(_) => {
                "the JWS header and signature are not covered, only the payload"
            }
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.as_str(), self.place(), self.detail())
    }
}

impl Serialize for Warning {
    /// `{code, place, detail}`, as a [`crate::Refusal`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = self.place().to_string();
        let members = [("code", self.as_str()), ("place", &place), ("detail", self.detail())];
        serializer.collect_map(members)
    }
}

/// All warnings for what is hashed (a `proof` already taken out).
pub(crate) fn of(opened: &Opened<'_>, standard: Standard) -> Vec<Warning> {
    let mut warnings = of_wrapping(opened);
    let document = &opened.credential;
    let class_at =
        if standard == Standard::Blockcerts1 { "/document/certificate" } else { "/badge" };
    match badge_class(document, standard) {
        Some(Value::String(_)) => {
            warnings.push(Warning::BadgeClassNotCovered(opened.place(Place::pointer(class_at))));
        }
        Some(class) if class.get("issuer").is_some_and(|issuer| issuer.as_str().is_some()) => {
            let place = opened.place(Place::Pointer(format!("{class_at}/issuer")));
            warnings.push(Warning::IssuerNotCovered(place));
        }
        _ => {}
    }
    warnings.extend(nfd_text(document).map(|place| Warning::NfdText(opened.place(place))));
    warnings
}

/// For what is around the credential.
fn of_wrapping(opened: &Opened<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if opened.form.image.is_some() {
        warnings.push(Warning::PictureNotCovered(Place::Byte(0)));
    }
    if opened.jws.is_some() {
        let place = match opened.form.credential {
            Form::JwsJson => Place::pointer(""),
            _ => Place::Byte(0),
        };
        warnings.push(Warning::SignatureNotCovered(opened.in_image(place)));
    }
    warnings
}

fn nfd_text(document: &Value<'_>) -> Option<Place> {
    let mut pointer = String::new();
    if !finds_nfd(document, &mut pointer) {
        return None;
    }
    if pointer.len() > MAX_POINTER_BYTES {
        let parent = pointer.bytes().take(MAX_POINTER_BYTES).rposition(|byte| byte == b'/');
        pointer.truncate(parent.unwrap_or_default());
    }
    Some(Place::Pointer(pointer))
}

/// Looks through `value`, which is at `pointer`; when found, leaves `pointer` at the text.
fn finds_nfd(value: &Value<'_>, pointer: &mut String) -> bool {
    let here = pointer.len();
    match value {
        Value::String(text) => return !is_nfc(text),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                if finds_nfd(element, pointer) {
                    return true;
                }
                pointer.truncate(here);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                if !is_nfc(name) || finds_nfd(member, pointer) {
                    return true;
                }
                pointer.truncate(here);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(text: &str) -> Vec<Warning> {
        crate::read(text.as_bytes()).unwrap().warnings
    }

    #[test]
    fn decomposed_hangul_is_named() {
        let composed = r#"{"type":"VerifiableCredential","a/b":[1,{"name":"한빛"}]}"#;
        let decomposed = composed.replace("한", "\u{1112}\u{1161}\u{11ab}");
        assert!(warnings(composed).is_empty());
        let expected = Warning::NfdText(Place::pointer("/a~1b/1/name"));
        assert_eq!(warnings(&decomposed), [expected]);
        let in_name = composed.replace("a/b", "\u{1112}\u{1161}");
        assert_eq!(warnings(&in_name).len(), 1);
        let deep = decomposed.replace("name", &"n".repeat(300));
        assert_eq!(warnings(&deep), [Warning::NfdText(Place::pointer("/a~1b/1"))]);
    }

    #[test]
    fn a_proof_is_not_hashed_and_not_warned_of() {
        let text = "{\"type\":\"VerifiableCredential\",\"proof\":{\"type\":\"\u{1112}\u{1161}\"}}";
        assert!(warnings(text).is_empty());
    }

    #[test]
    fn what_is_only_a_url_is_named() {
        let by_url =
            r#"{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","badge":URL}"#;
        let class = Warning::BadgeClassNotCovered(Place::pointer("/badge"));
        assert_eq!(warnings(&by_url.replace("URL", r#""https://a.example/b""#)), [class]);
        let issuer = Warning::IssuerNotCovered(Place::pointer("/badge/issuer"));
        assert_eq!(
            warnings(&by_url.replace("URL", r#"{"issuer":"https://a.example/"}"#)),
            [issuer]
        );
        let inside = by_url.replace("URL", r#"{"issuer":{"id":"https://a.example/"}}"#);
        assert!(warnings(&inside).is_empty());
    }
}
