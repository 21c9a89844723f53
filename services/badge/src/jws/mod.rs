//! JWS (RFC 7515): compact, flattened and general. Taken apart strictly, verified elsewhere.

mod header;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::{MAX_BYTES, Value};
use crate::{Code, Layer, Refusal};
use header::Header;

/// A JWS that carries a credential, taken apart and *not* verified.
///
/// Strict: the header has `alg`, there is a signature, the payload is base64url, and no critical
/// header parameter but `b64` (RFC 7797) is present, whose value can then only be `true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jws {
    /// `alg` of the header, protected or not; never `none`.
    pub alg: String,
    /// The protected header's JSON text, an object by [`crate::json::parse`]; empty where the JSON
    /// form has none, and then nothing says to which algorithm and key the signature is bound.
    pub protected: Vec<u8>,
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// The signature's bytes, at least one.
    pub signature: Vec<u8>,
    /// What was signed: both parts in base64url with a dot between (RFC 7515 section 5.1).
    pub signing_input: String,
}

impl Jws {
    /// Takes three parts apart; white space and one byte-order mark around them are allowed.
    ///
    /// # Errors
    /// `too_large`, `bad_base64url`, `bad_jws`, `critical_header`, `unencoded_payload`, `unsecured_jws`, and
    /// within the header those of [`crate::json::parse`].
    pub(crate) fn of_compact(text: &[u8]) -> Result<Self, Refusal> {
        if text.len() > MAX_BYTES {
            return Err(Refusal::at_byte(Code::TooLarge, MAX_BYTES, "a JWS has at most 1 MiB"));
        }
        let text = std::str::from_utf8(text).map_err(|error| {
            Refusal::at_byte(Code::InvalidUtf8, error.valid_up_to(), "the text is not valid UTF-8")
        })?;
        let trimmed = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
        let start = trimmed.as_ptr().addr() - text.as_ptr().addr();
        let mut parts = trimmed.split('.');
        let (Some(protected), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            let why = "a compact JWS has three parts";
            return Err(Refusal::at_byte(Code::BadJws, start, why));
        };
        let payload_at = start + protected.len() + 1;
        let signature_at = payload_at + payload.len() + 1;
        let at = |offset| move |refusal: Base64Error| refusal.at_byte(offset);
        let protected_json = base64url(protected).map_err(at(start))?;
        let header = Header::parse(Some(&protected_json), None)?;
        let jws = Self {
            alg: header.alg,
            payload: base64url(payload).map_err(at(payload_at))?,
            signature: base64url(signature).map_err(at(signature_at))?,
            signing_input: format!("{protected}.{payload}"),
            protected: protected_json,
        };
        jws.signed(|code, why| Refusal::at_byte(code, signature_at, why))
    }

    /// Takes a flattened or general JSON form apart, which [`crate::form::of_object`] has told.
    ///
    /// # Errors
    /// As [`Jws::of_compact`]; the place is a pointer.
    pub(crate) fn of_object(object: &Value<'_>) -> Result<Self, Refusal> {
        let (signed, at) = match object.get("signatures") {
            Some(Value::Array(signatures)) => {
                (signatures.first().unwrap_or(object), "/signatures/0")
            }
            _ => (object, ""),
        };
        let place = |name: &str| format!("{at}/{name}");
        let Value::Object(members) = signed else {
            return Err(Refusal::at_pointer(Code::BadJws, at, "a signature is an object"));
        };
        let known = ["header", "payload", "protected", "signature"];
        let is_own = |name: &str| known.contains(&name) && (at.is_empty() || name != "payload");
        if !members.iter().all(|(name, _)| is_own(name)) {
            let why = "a signature of a JWS in JSON form has no other members beside its own";
            return Err(Refusal::at_pointer(Code::AmbiguousForm, at, why));
        }
        let payload = text(object, "payload", "/payload")?.unwrap_or_default();
        let signature = text(signed, "signature", &place("signature"))?.unwrap_or_default();
        let protected = text(signed, "protected", &place("protected"))?;
        if protected == Some("") {
            let why = "an empty protected header is left out (RFC 7515 section 7.2.1)";
            return Err(Refusal::at_pointer(Code::BadJws, &place("protected"), why));
        }
        let in_member = |pointer: String| move |error: Base64Error| error.at_pointer(&pointer);
        let protected_json =
            protected.map(base64url).transpose().map_err(in_member(place("protected")))?;
        let header_at = place("header");
        let unprotected = signed.get("header").map(|header| (header, &*header_at));
        let header = Header::parse(protected_json.as_deref(), unprotected)?;
        let jws = Self {
            alg: header.alg,
            payload: base64url(payload).map_err(in_member("/payload".to_owned()))?,
            signature: base64url(signature).map_err(in_member(place("signature")))?,
            signing_input: format!("{}.{payload}", protected.unwrap_or_default()),
            protected: protected_json.unwrap_or_default(),
        };
        jws.signed(|code, why| Refusal::at_pointer(code, &place("signature"), why))
    }

    /// The member `header` beside the one signature of either JSON form.
    pub(crate) fn unprotected<'v, 'a>(object: &'v Value<'a>) -> Option<&'v Value<'a>> {
        let signatures = object.get("signatures").map(Value::as_set).unwrap_or_default();
        signatures.first().unwrap_or(object).get("header")
    }

    fn signed(self, refuse: impl FnOnce(Code, &'static str) -> Refusal) -> Result<Self, Refusal> {
        if self.signature.is_empty() {
            return Err(refuse(Code::UnsecuredJws, "the signature is empty"));
        }
        Ok(self)
    }
}

/// The member's text, `None` when it is absent.
fn text<'v>(object: &'v Value<'_>, name: &str, place: &str) -> Result<Option<&'v str>, Refusal> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => {
            let why = "protected, payload and signature are base64url text";
            Err(Refusal::at_pointer(Code::BadJws, place, why))
        }
    }
}

/// Offset of the first wrong character.
struct Base64Error(usize);

impl Base64Error {
    const WHY: &'static str = "not base64url without padding, or not its one canonical spelling";

    fn at_byte(self, start: usize) -> Refusal {
        Refusal::at_byte(Code::BadBase64url, start + self.0, Self::WHY)
    }

    fn at_pointer(self, pointer: &str) -> Refusal {
        Refusal::at_pointer(Code::BadBase64url, pointer, Self::WHY)
    }
}

/// Strict: the alphabet of RFC 4648 section 5, no padding, no line breaks, unused bits zero; so
/// one text stands for the bytes, and the signature covers the very text that is decoded.
fn base64url(text: &str) -> Result<Vec<u8>, Base64Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| {
        Base64Error(match error {
            base64::DecodeError::InvalidByte(offset, _)
            | base64::DecodeError::InvalidLastSymbol { offset, .. } => offset,
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
                text.len()
            }
        })
    })
}
