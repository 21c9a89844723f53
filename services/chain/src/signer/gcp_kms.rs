//! A key version in Google Cloud Key Management Service: `EC_SIGN_SECP256K1_SHA256`, with the purpose
//! `ASYMMETRIC_SIGN`; over its REST interface, version 1.

use std::sync::Arc;

use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::primitives::{Address as EvmAddress, Signature};
use alloy::signers::k256::ecdsa::{self, VerifyingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use gcp_auth::TokenProvider;
use proof::Address;
use reqwest::{RequestBuilder, Url};
use serde::Deserialize;
use serde_json::json;

use super::guarded::{Guarded, SigningKey};
use super::key_service::{KeyServiceError, Patience, ask, client, cut, parse};
use crate::SigningPolicy;
use crate::evm::causes;

const ENDPOINT: &str = "https://cloudkms.googleapis.com/";
const SCOPES: &[&str] = &["https://www.googleapis.com/auth/cloudkms"];
const ALGORITHM: &str = "EC_SIGN_SECP256K1_SHA256";
/// What stands before the 65 bytes of a point of secp256k1 in a `SubjectPublicKeyInfo` (RFC 5480, and
/// SEC 2 for the curve).
const SPKI_PREFIX: [u8; 23] = [
    0x30, 0x56, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
    0x81, 0x04, 0x00, 0x0a, 0x03, 0x42, 0x00,
];

/// The key of a [`GcpKmsSigner`].
pub struct GcpKmsKey {
    http: reqwest::Client,
    tokens: Arc<dyn TokenProvider>,
    /// The key version's own, without a method.
    url: Url,
    address: Address,
    patience: Patience,
}

/// A signer whose key is in Google Cloud KMS. It is given the digest only.
pub type GcpKmsSigner = Guarded<GcpKmsKey>;

#[derive(Deserialize)]
struct PublicKey {
    pem: String,
    algorithm: String,
}

#[derive(Deserialize)]
struct AsymmetricSign {
    signature: String,
}

impl GcpKmsSigner {
    /// Reads the public key of a key version,
    /// `projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/…`. Credentials come from the
    /// file that `GOOGLE_APPLICATION_CREDENTIALS` names, the user's default credentials, or the
    /// machine's metadata server (also GKE's workload identity). They need the permissions
    /// `cloudkms.cryptoKeyVersions.viewPublicKey` and `.useToSign`.
    ///
    /// # Errors
    /// See [`KeyServiceError`].
    pub async fn open(key_version: &str, policy: SigningPolicy) -> Result<Self, KeyServiceError> {
        let found = async { gcp_auth::provider().await.map_err(|error| told(&causes(&error))) };
        let tokens = Patience::default().with(found).await.map_err(KeyServiceError::Unavailable)?;
        Self::at(ENDPOINT, tokens, key_version, policy).await
    }

    pub(super) async fn at(
        endpoint: &str,
        tokens: Arc<dyn TokenProvider>,
        key_version: &str,
        policy: SigningPolicy,
    ) -> Result<Self, KeyServiceError> {
        let url = url_of(endpoint, key_version).ok_or_else(|| {
            KeyServiceError::Key(format!(
                "{key_version:?} is not projects/…/locations/…/keyRings/…/cryptoKeys/…/\
                 cryptoKeyVersions/…"
            ))
        })?;
        let (http, patience) = (client()?, Patience::default());
        let mut key = GcpKmsKey { http, tokens, url, address: Address::default(), patience };
        let url = format!("{}/publicKey", key.url);
        let body = key.exchange(key.http.get(url)).await.map_err(KeyServiceError::Unavailable)?;
        let public: PublicKey =
            parse(&body).map_err(|why| KeyServiceError::Unavailable(told(&why)))?;
        key.address = address_of(&public).ok_or_else(|| {
            let algorithm = cut(&public.algorithm);
            KeyServiceError::Key(format!(
                "{key_version} is of the algorithm {algorithm:?} and not {ALGORITHM}"
            ))
        })?;
        Ok(Self::new(key, policy))
    }

    #[cfg(test)]
    pub(super) fn set_patience(&mut self, within: std::time::Duration) {
        self.key_mut().patience = Patience(within);
    }
}

impl GcpKmsKey {
    async fn exchange(&self, request: RequestBuilder) -> Result<Vec<u8>, String> {
        let asked = async {
            let token = self.tokens.token(SCOPES).await.map_err(|error| causes(&error))?;
            ask(request, Some(token.as_str())).await
        };
        self.patience.with(asked).await.map_err(|why| told(&why))
    }
}

#[async_trait::async_trait]
impl SigningKey for GcpKmsKey {
    fn address(&self) -> Address {
        self.address
    }

    async fn sign(&self, transaction: &TxEip1559) -> Result<Signature, String> {
        // a digest of the same length is signed as it is, whatever function made it
        let digest = BASE64.encode(transaction.signature_hash());
        let request = self.http.post(format!("{}:asymmetricSign", self.url));
        let body = self.exchange(request.json(&json!({ "digest": { "sha256": digest } }))).await?;
        let answer: AsymmetricSign = parse(&body).map_err(|why| told(&why))?;
        let der = BASE64.decode(answer.signature).unwrap_or_default();
        let signature = ecdsa::Signature::from_der(&der)
            .map_err(|_| told("the answer holds no signature in DER"))?;
        Ok(Signature::from_signature_and_parity(signature, false))
    }
}

fn told(why: &str) -> String {
    format!("Google Cloud KMS: {}", cut(why))
}

/// The address of a key version at the service; `None` where it is not the name of one.
fn url_of(endpoint: &str, key_version: &str) -> Option<Url> {
    const COLLECTIONS: [&str; 5] =
        ["projects", "locations", "keyRings", "cryptoKeys", "cryptoKeyVersions"];
    let parts: Vec<_> = key_version.split('/').collect();
    let (pairs, rest) = parts.as_chunks::<2>();
    let named = pairs.iter().map(|[collection, _]| *collection).eq(COLLECTIONS) && rest.is_empty();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let good = |[_, id]: &[&str; 2]| !id.trim_matches('.').is_empty() && id.bytes().all(plain);
    if !named || !pairs.iter().all(good) {
        return None;
    }
    Url::parse(endpoint).ok()?.join(&format!("v1/{key_version}")).ok()
}

/// The account of a public key; `None` where it is of another curve.
fn address_of(public: &PublicKey) -> Option<Address> {
    if public.algorithm != ALGORITHM {
        return None;
    }
    let lines = public.pem.lines().filter(|line| !line.starts_with("-----"));
    let der = BASE64.decode(lines.collect::<String>()).ok()?;
    let point = der.strip_prefix(&SPKI_PREFIX)?;
    let key = VerifyingKey::from_sec1_bytes(point).ok()?;
    Some(Address(EvmAddress::from_public_key(&key).into_array()))
}
