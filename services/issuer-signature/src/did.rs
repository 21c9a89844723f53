//! Keys that an identifier carries: `did:key` (W3C CCG, multicodec and multibase) and `did:jwk`.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::key::PublicKey;
use crate::{Code, jwk};

/// Longest identifier that is read, in bytes. An RSA key of 4096 bits in a `did:jwk` has about 950.
const MAX_BYTES: usize = 4096;

/// Multicodec prefixes: `ed25519-pub` and `p256-pub` as unsigned varints.
const ED25519: [u8; 2] = [0xed, 0x01];
const P256: [u8; 2] = [0x80, 0x24];

/// A key and the DID that is nothing but this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Controlled {
    pub(crate) did: String,
    pub(crate) key: PublicKey,
}

/// Reads a DID, or the DID URL of a key in its document, without looking anything up.
///
/// # Errors
/// `key_at_url` for `did:web` and HTTP URLs; `key_not_embedded` for other methods and identifiers;
/// `unsupported_key`, `malformed_key`.
pub(crate) fn resolve(url: &str) -> Result<Controlled, Code> {
    if url.len() > MAX_BYTES {
        return Err(Code::UnsupportedKey);
    }
    let (did, fragment) = match url.split_once('#') {
        Some((did, fragment)) => (did, Some(fragment)),
        None => (url, None),
    };
    if let Some(multibase) = did.strip_prefix("did:key:") {
        // the document has one key to sign with, named by itself
        if fragment.is_some_and(|fragment| fragment != multibase) {
            return Err(Code::UnsupportedKey);
        }
        return Ok(Controlled { did: did.to_owned(), key: multikey(multibase)? });
    }
    if let Some(encoded) = did.strip_prefix("did:jwk:") {
        if fragment.is_some_and(|fragment| fragment != "0") {
            return Err(Code::UnsupportedKey);
        }
        let json = BASE64_URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Code::MalformedKey)?;
        let jwk = badge::json::parse(&json).map_err(|_| Code::MalformedKey)?;
        return Ok(Controlled { did: did.to_owned(), key: jwk::read(&jwk)? });
    }
    let at_url = ["did:web:", "http://", "https://"].iter().any(|start| did.starts_with(start));
    Err(if at_url { Code::KeyAtUrl } else { Code::KeyNotEmbedded })
}

/// Whether an identifier is its own key, so that every signature of its holder can be checked.
pub(crate) fn is_key(identifier: &str) -> bool {
    identifier.starts_with("did:key:") || identifier.starts_with("did:jwk:")
}

/// Base58 in multibase over a multicodec prefix and the key.
fn multikey(multibase: &str) -> Result<PublicKey, Code> {
    let encoded = multibase.strip_prefix('z').ok_or(Code::MalformedKey)?;
    // base58 costs the square of its length; no key that is read has more than 60 digits
    if encoded.len() > 128 {
        return Err(Code::UnsupportedKey);
    }
    let bytes = bs58::decode(encoded).into_vec().map_err(|_| Code::MalformedKey)?;
    match bytes.split_first_chunk::<2>() {
        Some((&ED25519, key)) => PublicKey::ed25519(key),
        // compressed only, so that one key has one identifier
        Some((&P256, key)) if key.len() == 33 => PublicKey::p256(key),
        Some((&P256, _)) | None => Err(Code::MalformedKey),
        Some(_) => Err(Code::UnsupportedKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the test vectors of the cryptosuites' specifications.
    const ED25519_DID: &str = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
    const P256_DID: &str = "did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP";

    #[test]
    fn keys_in_identifiers_are_read() {
        for did in [ED25519_DID, P256_DID] {
            let own = did.strip_prefix("did:key:").unwrap();
            for url in [did.to_owned(), format!("{did}#{own}")] {
                assert_eq!(resolve(&url).unwrap().did, did);
            }
            assert_eq!(resolve(&format!("{did}#z6LSother")).unwrap_err(), Code::UnsupportedKey);
        }
    }

    #[test]
    fn a_jwk_in_an_identifier_is_the_same_key() {
        let Controlled { key: PublicKey::Ed25519(key), .. } = resolve(ED25519_DID).unwrap() else {
            panic!("an Ed25519 key")
        };
        let x = BASE64_URL_SAFE_NO_PAD.encode(key.as_bytes());
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        let did = format!("did:jwk:{}", BASE64_URL_SAFE_NO_PAD.encode(jwk));
        for url in [did.clone(), format!("{did}#0")] {
            let found = resolve(&url).unwrap();
            assert_eq!((found.did.as_str(), found.key), (&*did, PublicKey::Ed25519(key)));
        }
        assert_eq!(resolve(&format!("{did}#1")).unwrap_err(), Code::UnsupportedKey);
    }

    #[test]
    fn what_is_not_in_the_identifier_is_not_looked_up() {
        for (url, code) in [
            ("https://a.example/keys/1", Code::KeyAtUrl),
            ("http://a.example/keys/1", Code::KeyAtUrl),
            ("did:web:a.example#key-1", Code::KeyAtUrl),
            ("did:ion:EiAnKD8", Code::KeyNotEmbedded),
            ("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", Code::KeyNotEmbedded),
            ("#0", Code::KeyNotEmbedded),
            ("", Code::KeyNotEmbedded),
            // secp256k1
            ("did:key:zQ3shWbMURApEGeYEYbyfMoPbuW5qCmM7gtWkwnhGf2LLkv2M", Code::UnsupportedKey),
            ("did:key:uabc", Code::MalformedKey),
            ("did:key:z0OIl", Code::MalformedKey),
            ("did:key:z", Code::MalformedKey),
            ("did:jwk:e30", Code::MalformedKey),
            ("did:jwk:!", Code::MalformedKey),
        ] {
            assert_eq!(resolve(url).map(|found| found.did), Err(code), "{url}");
        }
        assert_eq!(
            resolve(&format!("did:key:z{}", "1".repeat(5000))).unwrap_err(),
            Code::UnsupportedKey
        );
    }
}
