//! What a JWS header must and must not say before its payload is believed to be base64url.

use super::{Code, Layer, Refusal, Value};
use crate::Place;
use crate::json;

/// The parts of the JOSE header (the union of protected and unprotected) that matter here.
pub(super) struct Header {
    pub(super) alg: String,
}

/// Parameters that `crit` must not name: those of RFC 7515 section 4.1, and of RFC 7518 for JWE.
const NEVER_CRITICAL: [&str; 19] = [
    "alg", "apu", "apv", "crit", "cty", "enc", "epk", "iv", "jku", "jwk", "kid", "p2c", "p2s",
    "tag", "typ", "x5c", "x5t", "x5u", "zip",
];

impl Header {
    /// `protected` is JSON text, `unprotected` the member `header` and its pointer.
    pub(super) fn parse(
        protected: Option<&[u8]>,
        unprotected: Option<(&Value<'_>, &str)>,
    ) -> Result<Self, Refusal> {
        let empty = Value::Object(Vec::new());
        let in_header = |refusal: Refusal| refusal.within(Layer::JwsHeader);
        let protected = protected.map(json::parse).transpose().map_err(in_header)?;
        let protected = protected.as_ref().unwrap_or(&empty);
        if !matches!(protected, Value::Object(_)) {
            return Err(in_header(Refusal::at_pointer(Code::BadJws, "", "a header is an object")));
        }
        let (unprotected, pointer) = unprotected.unwrap_or((&empty, ""));
        check_unprotected(protected, unprotected, pointer)?;
        check_protected(protected).map_err(in_header)?;
        let alg = protected.get("alg").or_else(|| unprotected.get("alg"));
        let place = || match protected.get("alg") {
            None if !pointer.is_empty() => Place::Pointer(format!("{pointer}/alg")),
            _ => Place::pointer("/alg").within(Layer::JwsHeader),
        };
        match alg.and_then(Value::as_str) {
            Some("none") => {
                let why = "alg is none: nothing is signed";
                Err(Refusal { code: Code::UnsecuredJws, place: place(), detail: why })
            }
            Some(alg) if !alg.is_empty() => Ok(Self { alg: alg.to_owned() }),
            _ => {
                let why = "a JWS header names its algorithm in alg";
                Err(Refusal { code: Code::BadJws, place: place(), detail: why })
            }
        }
    }
}

/// RFC 7515 section 7.2.1, and RFC 9901 section 8 for what marks selective disclosure.
fn check_unprotected(
    protected: &Value<'_>,
    unprotected: &Value<'_>,
    pointer: &str,
) -> Result<(), Refusal> {
    let Value::Object(members) = unprotected else {
        return Err(Refusal::at_pointer(Code::BadJws, pointer, "a header is an object"));
    };
    for (name, _) in members {
        let (code, why) = match name.as_ref() {
            "crit" | "b64" => (Code::BadJws, "crit and b64 stand in the protected header only"),
            "disclosures" | "kb_jwt" => {
                (Code::SelectiveDisclosure, "a selective-disclosure JWT has no one digest")
            }
            name if protected.get(name).is_some() => (
                Code::BadJws,
                "a parameter stands in the protected or the other header, not in both",
            ),
            _ => continue,
        };
        return Err(Refusal::at_pointer(code, pointer, why));
    }
    Ok(())
}

/// `crit` (RFC 7515 section 4.1.11) and `b64` (RFC 7797).
fn check_protected(header: &Value<'_>) -> Result<(), Refusal> {
    if let Some(crit) = header.get("crit") {
        check_critical(header, crit)?;
    }
    match header.get("b64") {
        // also where crit does not name it: readers of RFC 7797 and others would see two payloads
        Some(Value::Bool(false)) => {
            let why = "the payload is not base64url (b64 is false)";
            Err(Refusal::at_pointer(Code::UnencodedPayload, "/b64", why))
        }
        None | Some(Value::Bool(true)) => Ok(()),
        Some(_) => Err(Refusal::at_pointer(Code::BadJws, "/b64", "b64 is true or false")),
    }
}

fn check_critical(header: &Value<'_>, crit: &Value<'_>) -> Result<(), Refusal> {
    let bad = |why| Err(Refusal::at_pointer(Code::BadJws, "/crit", why));
    let names = match crit {
        Value::Array(names) if !names.is_empty() => names,
        _ => return bad("crit is an array of at least one name"),
    };
    for (index, name) in names.iter().enumerate() {
        let Some(name) = name.as_str() else { return bad("crit has names only") };
        if NEVER_CRITICAL.contains(&name) || name == "x5t#S256" {
            return bad("crit names a parameter of the specification itself");
        }
        if header.get(name).is_none() {
            return bad("crit names a parameter that is not there");
        }
        if names[..index].iter().any(|earlier| earlier.as_str() == Some(name)) {
            return bad("crit names a parameter twice");
        }
        if name != "b64" {
            let why = "a critical parameter other than b64 may change what the payload means";
            return Err(Refusal::at_pointer(Code::CriticalHeader, "/crit", why));
        }
    }
    Ok(())
}
