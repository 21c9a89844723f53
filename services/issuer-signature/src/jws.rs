//! The signature of a JWS (RFC 7515): VC-JWT, and signed assertions of Open Badges 2.

use badge::Jws;
use badge::json::{self, Value};

use crate::key::{Algorithm, PublicKey};
use crate::{Code, Signature, did, jwk, whose};

/// Checks the one signature. Only the protected header is believed: the other is not signed.
pub(crate) fn check(jws: &Jws, payload: &Value<'_>, issuers: &[String]) -> Signature {
    let header = json::parse(&jws.protected).unwrap_or(Value::Null);
    let code = judge(jws, &header, payload, issuers).unwrap_or_else(|code| code);
    let key = header.get("kid").and_then(Value::as_str);
    Signature::new("jws".to_owned(), Some(&jws.alg), key, code)
}

fn judge(
    jws: &Jws,
    header: &Value<'_>,
    payload: &Value<'_>,
    issuers: &[String],
) -> Result<Code, Code> {
    let algorithm = match header.get("alg").and_then(Value::as_str) {
        // the second name is that of RFC 9864
        Some("EdDSA" | "Ed25519") => Algorithm::EdDsa,
        Some("ES256") => Algorithm::Es256,
        Some("RS256") => Algorithm::Rs256,
        Some(_) => return Err(Code::UnsupportedAlgorithm),
        None => return Err(Code::UnsupportedHeader),
    };
    let key = key(header, payload)?;
    key.verify(algorithm, jws.signing_input.as_bytes(), &jws.signature)?;
    Ok(whose::code(&key, issuers))
}

/// The key: an identifier that is one, else the header's `jwk`, else an issuer that is one.
fn key(header: &Value<'_>, payload: &Value<'_>) -> Result<PublicKey, Code> {
    let kid = header.get("kid").and_then(Value::as_str);
    let embedded = header.get("jwk").map(jwk::read).transpose()?;
    if let Some(kid) = kid.filter(|kid| did::is_key(kid)) {
        let named = did::resolve(kid)?.key;
        return match embedded {
            Some(embedded) if embedded != named => Err(Code::AmbiguousKey),
            _ => Ok(named),
        };
    }
    if let Some(embedded) = embedded {
        return Ok(embedded);
    }
    let issuer = payload.get("iss").and_then(Value::as_str).filter(|issuer| did::is_key(issuer));
    match (kid, issuer) {
        // a name within the issuer's own document
        (Some(kid), Some(issuer)) if kid.starts_with('#') => {
            did::resolve(&format!("{issuer}{kid}")).map(|found| found.key)
        }
        (Some(kid), Some(issuer)) if !kid.contains(':') => did::resolve(&format!("{issuer}#{kid}"))
            .or_else(|_| did::resolve(issuer))
            .map(|found| found.key),
        (None, Some(issuer)) => did::resolve(issuer).map(|found| found.key),
        (Some(kid), _) => Err(did::resolve(kid).err().unwrap_or(Code::KeyNotEmbedded)),
        (None, None) => Err(elsewhere(header, payload)),
    }
}

/// Where the key would be: certificates, URLs of the header, or of an Open Badges 1 or 2 assertion.
fn elsewhere(header: &Value<'_>, payload: &Value<'_>) -> Code {
    let at = |object: Option<&Value<'_>>, name: &str| {
        object?.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    if header.get("x5c").is_some() {
        return Code::UnsupportedKey;
    }
    let named = [
        at(Some(header), "jku"),
        at(Some(header), "x5u"),
        at(payload.get("verification"), "creator"),
        at(payload.get("verify"), "url"),
        at(Some(payload), "iss"),
    ];
    let named = named.into_iter().flatten().map(|url| did::resolve(&url));
    let codes: Vec<Code> = named.filter_map(Result::err).collect();
    if codes.contains(&Code::KeyAtUrl) { Code::KeyAtUrl } else { Code::KeyNotEmbedded }
}
