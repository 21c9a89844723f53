//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037): the public ones that badges use.

use badge::json::Value;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::Code;
use crate::key::PublicKey;

/// # Errors
/// `unsupported_key` for other kinds of key, or for one that is not for signatures;
/// `malformed_key`.
pub(crate) fn read(jwk: &Value<'_>) -> Result<PublicKey, Code> {
    let text = |name| jwk.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return Err(Code::UnsupportedKey);
    }
    let bytes = |name| {
        let encoded = text(name).ok_or(Code::MalformedKey)?;
        BASE64_URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Code::MalformedKey)
    };
    match (text("kty"), text("crv")) {
        (Some("OKP"), Some("Ed25519")) => PublicKey::ed25519(&bytes("x")?),
        (Some("EC"), Some("P-256")) => {
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != 32 || y.len() != 32 {
                return Err(Code::MalformedKey);
            }
            PublicKey::p256(&[&[0x04], &x[..], &y[..]].concat())
        }
        (Some("RSA"), _) => PublicKey::rsa(&bytes("n")?, &bytes("e")?),
        (None, _) => Err(Code::MalformedKey),
        _ => Err(Code::UnsupportedKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        read(&badge::json::parse(text.as_bytes()).unwrap()).err()
    }

    #[test]
    fn only_whole_public_signing_keys_are_read() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"; // RFC 8037 appendix A.2
        for (jwk, expected) in [
            (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#), None),
            (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","use":"sig"}}"#), None),
            (
                format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","use":"enc"}}"#),
                Some(Code::UnsupportedKey),
            ),
            (format!(r#"{{"kty":"OKP","crv":"X25519","x":"{x}"}}"#), Some(Code::UnsupportedKey)),
            (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}AA"}}"#), Some(Code::MalformedKey)),
            (r#"{"kty":"OKP","crv":"Ed25519"}"#.to_owned(), Some(Code::MalformedKey)),
            (
                format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{x}"}}"#),
                Some(Code::MalformedKey),
            ),
            (r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_owned(), Some(Code::UnsupportedKey)),
            (r#"{"kty":"oct","k":"AAAA"}"#.to_owned(), Some(Code::UnsupportedKey)),
            ("{}".to_owned(), Some(Code::MalformedKey)),
            (r#""text""#.to_owned(), Some(Code::MalformedKey)),
        ] {
            assert_eq!(code(&jwk), expected, "{jwk}");
        }
    }
}
