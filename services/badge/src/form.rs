//! The form of a badge, told from its bytes alone: never from a file name or a declared type.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::json::{self, Value};
use crate::{Code, Place, Refusal};

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How a credential is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A JSON object that is the credential itself.
    Json,
    /// A JWS in its flattened or general JSON form (RFC 7515 section 7.2).
    JwsJson,
    /// A compact JWS (RFC 7515 section 7.1): VC-JWT, or a signed assertion of Open Badges 2.
    Jws,
    /// A compact JWS with selective disclosures (SD-JWT).
    SdJwt,
    /// A PNG image, baked or not.
    Png,
    /// An SVG image, or another XML text.
    Svg,
    /// No badge but a proof document: a JSON object whose `format` is `ingam-proof/…`.
    ProofDocument,
    /// None of these.
    Unknown,
}

impl Form {
    /// The name in documents and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JwsJson => "jws-json",
            Self::Jws => "jws",
            Self::SdJwt => "sd-jwt",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::ProofDocument => "proof",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is one token that may stand in an attribute: a compact JWS, with selective
    /// disclosures or without.
    pub(crate) const fn is_token(self) -> bool {
        matches!(self, Self::Jws | Self::SdJwt)
    }

    /// Why bytes of this form carry no badge, or none that is read.
    pub(crate) fn refusal(self, place: Place) -> Refusal {
        let (code, detail) = match self {
            Self::SdJwt => {
                (Code::SelectiveDisclosure, "a selective-disclosure JWT (sd-jwt) has no one digest")
            }
            Self::ProofDocument => {
                (Code::UnsupportedForm, "this is a proof document (proof), not a badge")
            }
            Self::JwsJson | Self::Jws => {
                (Code::UnsupportedForm, "this is a JWS; the digest is that of its payload")
            }
            Self::Png | Self::Svg => {
                (Code::UnsupportedForm, "this is an image; the digest is that of the badge inside")
            }
            Self::Json | Self::Unknown => {
                (Code::UnknownForm, "neither JSON object, JWS, PNG nor SVG")
            }
        };
        Refusal { code, place, detail }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An image that may carry a credential. Its pixels are never decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Image {
    /// A baked PNG.
    Png,
    /// A baked SVG.
    Svg,
}

/// How an accepted badge was carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BadgeForm {
    /// The image it was baked into.
    pub image: Option<Image>,
    /// The form of the credential itself: [`Form::Json`], [`Form::Jws`] or [`Form::JwsJson`].
    pub credential: Form,
}

impl BadgeForm {
    /// What [`classify`] says of the same bytes.
    #[must_use]
    pub const fn outer(self) -> Form {
        match self.image {
            Some(Image::Png) => Form::Png,
            Some(Image::Svg) => Form::Svg,
            None => self.credential,
        }
    }
}

impl fmt::Display for BadgeForm {
    /// `json`, `jws` or `jws-json`, in an image after `png+` or `svg+`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.image.is_some() {
            write!(f, "{}+", self.outer())?;
        }
        self.credential.fmt(f)
    }
}

impl Serialize for BadgeForm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The form of any bytes. JSON that is not strict, or that is nearly a JWS, is [`Form::Json`]:
/// [`crate::read`] says what is wrong with it.
#[must_use]
pub fn classify(bytes: &[u8]) -> Form {
    match by_first_bytes(bytes) {
        Form::Json => {
            json::parse(bytes).and_then(|object| of_object(&object)).unwrap_or(Form::Json)
        }
        other => other,
    }
}

/// As [`classify`], without telling JSON objects apart.
pub(crate) fn by_first_bytes(bytes: &[u8]) -> Form {
    if bytes.starts_with(PNG_SIGNATURE) {
        return Form::Png;
    }
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii();
    match text.first() {
        Some(b'{') => Form::Json,
        Some(b'<') => Form::Svg,
        _ => match text.iter().position(|byte| *byte == b'~') {
            Some(end) if is_compact_jws(&text[..end]) => Form::SdJwt,
            None if is_compact_jws(text) => Form::Jws,
            _ => Form::Unknown,
        },
    }
}

/// Three parts of base64url; the signature may be empty, as in an unsecured JWS.
fn is_compact_jws(text: &[u8]) -> bool {
    let is_base64url =
        |part: &[u8]| part.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let parts: Vec<&[u8]> = text.splitn(4, |byte| *byte == b'.').collect();
    parts.len() == 3
        && parts.iter().all(|part| is_base64url(part))
        && !parts[0].is_empty()
        && !parts[1].is_empty()
}

/// Tells the objects of JSON apart.
///
/// # Errors
/// `ambiguous_form` for an object with the members of a JWS and others beside them, or for the
/// general form with another number of signatures than one.
pub(crate) fn of_object(object: &Value<'_>) -> Result<Form, Refusal> {
    let has = |name| object.get(name).is_some();
    let format = object.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| format.starts_with("ingam-proof/")) {
        return Ok(Form::ProofDocument);
    }
    if !has("payload") || !(has("signature") || has("signatures")) {
        return Ok(Form::Json);
    }
    let only = |allowed: &[&str]| match object {
        Value::Object(members) => members.iter().all(|(name, _)| allowed.contains(&name.as_ref())),
        _ => false,
    };
    let ambiguous = |detail| Err(Refusal::at_pointer(Code::AmbiguousForm, "", detail));
    if only(&["payload", "protected", "header", "signature"]) {
        return Ok(Form::JwsJson);
    }
    if !only(&["payload", "signatures"]) {
        return ambiguous("a JWS in JSON form has no other members beside its own");
    }
    match object.get("signatures") {
        Some(Value::Array(signatures)) if signatures.len() == 1 => Ok(Form::JwsJson),
        _ => ambiguous("a JWS in general JSON form has exactly one signature here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_forms_by_their_bytes() {
        for (bytes, form) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Form::Png),
            (b"\xef\xbb\xbf \r\n{}", Form::Json),
            (b"{ broken", Form::Json),
            (b"\n<svg/>", Form::Svg),
            (b"eyJh.eyJi.c2ln\n", Form::Jws),
            (b"eyJh.eyJi.", Form::Jws),
            (b"eyJh.eyJi.c2ln~WyJ~", Form::SdJwt),
            (b"eyJh.eyJi", Form::Unknown),
            (b"a.b.c.d", Form::Unknown),
            (b"eyJh..c2ln", Form::Unknown),
            (b"[{}]", Form::Unknown),
            (b"", Form::Unknown),
            (br#"{"format":"ingam-proof/1"}"#, Form::ProofDocument),
            (br#"{"payload":"e30","signature":"AA"}"#, Form::JwsJson),
            (br#"{"payload":"e30","protected":"e30","header":{},"signature":"AA"}"#, Form::JwsJson),
            (br#"{"payload":"e30","signatures":[{}]}"#, Form::JwsJson),
            (br#"{"payload":"e30"}"#, Form::Json),
            (br#"{"signature":"AA","badge":{}}"#, Form::Json),
        ] {
            assert_eq!(classify(bytes), form, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn nearly_a_jws_is_ambiguous() {
        for text in [
            r#"{"payload":"e30","signature":"AA","type":"Assertion"}"#,
            r#"{"payload":"e30","signature":"AA","signatures":[{}]}"#,
            r#"{"payload":"e30","signatures":[{}],"protected":"e30"}"#,
            r#"{"payload":"e30","signatures":[]}"#,
            r#"{"payload":"e30","signatures":[{},{}]}"#,
        ] {
            let object = json::parse(text.as_bytes()).unwrap();
            assert_eq!(of_object(&object).unwrap_err().code, Code::AmbiguousForm, "{text}");
            assert_eq!(crate::read(text.as_bytes()).unwrap_err().code, Code::AmbiguousForm);
        }
    }
}
