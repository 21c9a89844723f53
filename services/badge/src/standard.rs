//! The standard that a JSON object follows, told from its types and contexts. Nothing is
//! validated beyond that: an issuer's badge is anchored as it is.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::json::Value;
use crate::{Code, Refusal};

/// A standard for badges, and its version where versions differ in shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standard {
    /// Mozilla's first form: no context, the badge class inside.
    OpenBadges05,
    /// No context; `uid`, `verify` and the badge class by URL.
    OpenBadges10,
    /// An `Assertion` in the context of version 1.
    OpenBadges11,
    /// An `Assertion` in the context of version 2.
    OpenBadges20,
    /// An `OpenBadgeCredential` or `AchievementCredential`.
    OpenBadges30,
    /// A `ClrCredential` (Comprehensive Learner Record).
    Clr20,
    /// Blockcerts 1.2: a `BlockchainCertificate`.
    Blockcerts1,
    /// Blockcerts 2: an `Assertion` with a Merkle receipt in `signature`.
    Blockcerts2,
    /// Blockcerts 3: a verifiable credential.
    Blockcerts3,
    /// Any other verifiable credential.
    VerifiableCredential,
}

impl Standard {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenBadges05 => "open-badges-0.5",
            Self::OpenBadges10 => "open-badges-1.0",
            Self::OpenBadges11 => "open-badges-1.1",
            Self::OpenBadges20 => "open-badges-2.0",
            Self::OpenBadges30 => "open-badges-3.0",
            Self::Clr20 => "clr-2.0",
            Self::Blockcerts1 => "blockcerts-1",
            Self::Blockcerts2 => "blockcerts-2",
            Self::Blockcerts3 => "blockcerts-3",
            Self::VerifiableCredential => "verifiable-credential",
        }
    }

    /// Whether it is a verifiable credential of the W3C.
    #[must_use]
    pub const fn is_verifiable_credential(self) -> bool {
        matches!(
            self,
            Self::OpenBadges30 | Self::Clr20 | Self::Blockcerts3 | Self::VerifiableCredential
        )
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Standard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Whether the object's `type` is or contains `name`.
pub(crate) fn has_type(object: &Value<'_>, name: &str) -> bool {
    has_text(object, "type", |text| text == name)
}

fn has_context(object: &Value<'_>, test: impl Fn(&str) -> bool) -> bool {
    // both schemes are in use for the same context
    has_text(object, "@context", |text| {
        text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).is_some_and(&test)
    })
}

fn has_text(object: &Value<'_>, member: &str, test: impl Fn(&str) -> bool) -> bool {
    let values = object.get(member).map(Value::as_set).unwrap_or_default();
    values.iter().filter_map(Value::as_str).any(test)
}

/// The standard of a JSON object.
///
/// # Errors
/// `presentation`, `enveloped_credential`, `not_a_badge`.
pub(crate) fn recognise(object: &Value<'_>) -> Result<Standard, Refusal> {
    if has_type(object, "VerifiablePresentation") {
        let why = "this is a presentation; give the credential inside it";
        return Err(Refusal::at_pointer(Code::Presentation, "/type", why));
    }
    if has_type(object, "EnvelopedVerifiableCredential") {
        let why = "the credential is inside a data: URL; give that token itself";
        return Err(Refusal::at_pointer(Code::EnvelopedCredential, "/type", why));
    }
    let found = if has_type(object, "VerifiableCredential") {
        Some(of_verifiable_credential(object))
    } else if has_type(object, "Assertion") {
        of_assertion(object)
    } else if has_type(object, "BlockchainCertificate") && is_blockcerts(object) {
        Some(Standard::Blockcerts1)
    } else {
        without_context(object)
    };
    let why = "no Open Badge, CLR, Blockcert or verifiable credential by its type and context";
    found.ok_or_else(|| Refusal::at_pointer(Code::NotABadge, "", why))
}

fn is_blockcerts(object: &Value<'_>) -> bool {
    has_context(object, |text| {
        text.starts_with("w3id.org/blockcerts/") || text.starts_with("www.blockcerts.org/schema/")
    })
}

fn of_verifiable_credential(object: &Value<'_>) -> Standard {
    if has_type(object, "ClrCredential") {
        Standard::Clr20
    } else if has_type(object, "OpenBadgeCredential") || has_type(object, "AchievementCredential") {
        Standard::OpenBadges30
    } else if has_type(object, "BlockcertsCredential") || is_blockcerts(object) {
        Standard::Blockcerts3
    } else {
        Standard::VerifiableCredential
    }
}

fn of_assertion(object: &Value<'_>) -> Option<Standard> {
    if is_blockcerts(object) {
        return Some(Standard::Blockcerts2);
    }
    let one_of = |known: &'static [&'static str]| has_context(object, |text| known.contains(&text));
    if one_of(&["w3id.org/openbadges/v2", "openbadgespec.org/v2/context.json"]) {
        Some(Standard::OpenBadges20)
    } else if one_of(&[
        "w3id.org/openbadges/v1",
        "openbadgespec.org/v1/context.json",
        "standard.openbadges.org/1.1/context.json",
    ]) {
        Some(Standard::OpenBadges11)
    } else {
        None
    }
}

/// The forms older than JSON-LD: neither context nor type.
fn without_context(object: &Value<'_>) -> Option<Standard> {
    let has = |name| object.get(name).is_some();
    if has("@context") || has("type") {
        return None;
    }
    // the bakery of Open Badges 1 ships a sample that calls the recipient `identity`
    let has_recipient = has("recipient") || has("identity");
    match object.get("badge")? {
        Value::String(_) if has_recipient && has("uid") && has("verify") => {
            Some(Standard::OpenBadges10)
        }
        class @ Value::Object(_)
            if has("recipient") && class.get("name").is_some() && class.get("issuer").is_some() =>
        {
            Some(Standard::OpenBadges05)
        }
        _ => None,
    }
}
