//! Key services as a signer meets them: each interface, in every mood.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::primitives::{B256, Bytes, Signature, U256, keccak256};
use alloy::rpc::types::TransactionRequest as RpcTransaction;
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use serde_json::{Value, json};

use super::stub::{Asked, Reply, serve};
use super::{DEV_KEY, policy};
use crate::signer::*;

/// Order of secp256k1 (SEC 2, section 2.4.1).
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
/// The second account of every development chain.
const OTHER_KEY: &str = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
pub(super) const SECRET: &str = "hunter2-hunter2";
pub(super) const GCP_KEY: &str =
    "projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1";

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interface {
    Web3Signer,
    EthSignTransaction,
    #[cfg(feature = "aws-kms")]
    AwsKms,
    #[cfg(feature = "gcp-kms")]
    GcpKms,
}

pub(super) const INTERFACES: &[Interface] = &[
    Interface::Web3Signer,
    Interface::EthSignTransaction,
    #[cfg(feature = "aws-kms")]
    Interface::AwsKms,
    #[cfg(feature = "gcp-kms")]
    Interface::GcpKms,
];

/// How it answers.
#[derive(Clone)]
pub(super) enum Mood {
    Good,
    /// With the second form of the signature, as key services do half of the time.
    HighS,
    /// Another key of the same curve.
    OtherKey,
    OtherCurve,
    /// A good signature over something else.
    OtherDigest,
    /// `eth_signTransaction` alone: this transaction, well signed.
    OtherTransaction(TxEip1559),
    /// Numbers that are no signature.
    Scalars(U256, U256),
    Throttled,
    /// Any answer.
    Says(u16, String),
    Silence,
    Cut,
}

/// A service of an interface.
pub(super) struct KeyService {
    pub(super) interface: Interface,
    url: String,
    mood: Arc<Mutex<Mood>>,
    signatures: Arc<AtomicUsize>,
    #[expect(dead_code, reason = "the file is there as long as the service")]
    token_directory: tempfile::TempDir,
    token_file: std::path::PathBuf,
}

impl KeyService {
    pub(super) async fn start(interface: Interface) -> Self {
        let mood = Arc::new(Mutex::new(Mood::Good));
        let signatures = Arc::new(AtomicUsize::new(0));
        let (told, counted) = (Arc::clone(&mood), Arc::clone(&signatures));
        let url = serve(move |asked| {
            let mood = told.lock().unwrap().clone();
            let reads_key = asked.method == "GET" || asked.headers.contains("getpublickey");
            if !reads_key {
                counted.fetch_add(1, Ordering::Relaxed);
            }
            match mood {
                Mood::Says(status, body) => Reply::Http(status, body),
                Mood::Throttled => interface.throttled(),
                Mood::Silence => Reply::Silence,
                Mood::Cut => Reply::Cut,
                mood if reads_key => interface.public_key(&mood),
                mood => interface.signature(&mood, asked),
            }
        })
        .await;
        let token_directory = tempfile::tempdir().unwrap();
        let token_file = token_directory.path().join("token");
        std::fs::write(&token_file, format!("{SECRET}\n")).unwrap();
        Self { interface, url, mood, signatures, token_directory, token_file }
    }

    pub(super) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// How often a signature was asked for.
    pub(super) fn signatures(&self) -> usize {
        self.signatures.load(Ordering::Relaxed)
    }

    pub(super) async fn signer(&self) -> Arc<dyn TransactionSigner> {
        self.open(None).await.unwrap()
    }

    /// One that waits hardly at all.
    pub(super) async fn impatient_signer(&self) -> Arc<dyn TransactionSigner> {
        self.open(Some(Duration::from_millis(1))).await.unwrap()
    }

    pub(super) fn remote(&self, interface: RemoteInterface) -> RemoteService {
        RemoteService {
            // a part of the URL that is a secret, and a base with a path
            url: format!("{}/{SECRET}/", self.url).parse().unwrap(),
            address: account(DEV_KEY),
            token_file: Some(self.token_file.clone()),
            interface,
        }
    }

    pub(super) async fn open(
        &self,
        within: Option<Duration>,
    ) -> Result<Arc<dyn TransactionSigner>, KeyServiceError> {
        macro_rules! open {
            ($opening:expr) => {{
                let mut signer = $opening.await?;
                within.into_iter().for_each(|within| signer.set_patience(within));
                Ok(Arc::new(signer))
            }};
        }
        match self.interface {
            Interface::Web3Signer => {
                open!(RemoteSigner::open(self.remote(RemoteInterface::Web3Signer), policy()))
            }
            Interface::EthSignTransaction => {
                let service = self.remote(RemoteInterface::EthSignTransaction);
                open!(RemoteSigner::open(service, policy()))
            }
            #[cfg(feature = "aws-kms")]
            Interface::AwsKms => {
                open!(AwsKmsSigner::with_client(aws_client(&self.url), "alias/ingam", policy()))
            }
            #[cfg(feature = "gcp-kms")]
            Interface::GcpKms => {
                let tokens = Arc::new(StaticToken);
                open!(GcpKmsSigner::at(&format!("{}/", self.url), tokens, GCP_KEY, policy()))
            }
        }
    }
}

#[cfg(feature = "gcp-kms")]
impl KeyService {
    pub(super) async fn open_gcp(&self, key: &str) -> Result<GcpKmsSigner, KeyServiceError> {
        GcpKmsSigner::at(&format!("{}/", self.url), Arc::new(StaticToken), key, policy()).await
    }
}

fn account(key: &str) -> Address {
    Address(key.parse::<PrivateKeySigner>().unwrap().address().into_array())
}

impl Interface {
    fn throttled(self) -> Reply {
        match self {
            #[cfg(feature = "aws-kms")]
            Self::AwsKms => {
                let body = json!({ "__type": "ThrottlingException", "message": "Rate exceeded" });
                Reply::Http(400, body.to_string())
            }
            _ => Reply::Http(429, json!({ "error": { "message": "Rate exceeded" } }).to_string()),
        }
    }

    fn public_key(self, mood: &Mood) -> Reply {
        let other_curve = matches!(mood, Mood::OtherCurve);
        let key = if matches!(mood, Mood::OtherKey) { OTHER_KEY } else { DEV_KEY };
        let key = key.parse::<PrivateKeySigner>().unwrap();
        let point = key.credential().verifying_key().to_encoded_point(false);
        let mut spki = hex::decode("3056301006072a8648ce3d020106052b8104000a034200").unwrap();
        spki.extend_from_slice(point.as_bytes());
        if other_curve {
            let key = p256::ecdsa::SigningKey::from_slice(&[1; 32]).unwrap();
            spki = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
            spki.extend_from_slice(key.verifying_key().to_sec1_point(false).as_bytes());
        }
        let spki = BASE64.encode(spki);
        let body = match self {
            Self::Web3Signer | Self::EthSignTransaction => {
                let ours = format!("0x{}", hex::encode(&point.as_bytes()[1..]));
                json!(["0x00", "not a key", if other_curve { String::new() } else { ours }])
            }
            #[cfg(feature = "aws-kms")]
            Self::AwsKms => json!({ "KeyId": "k", "PublicKey": spki }),
            #[cfg(feature = "gcp-kms")]
            Self::GcpKms => {
                let algorithm =
                    if other_curve { "EC_SIGN_P256_SHA256" } else { "EC_SIGN_SECP256K1_SHA256" };
                let (first, rest) = spki.split_at(64);
                let pem = format!(
                    "-----BEGIN PUBLIC KEY-----\n{first}\n{rest}\n-----END PUBLIC KEY-----\n"
                );
                json!({ "pem": pem, "algorithm": algorithm, "pemCrc32c": "1" })
            }
        };
        Reply::Http(200, body.to_string())
    }

    fn signature(self, mood: &Mood, asked: &Asked) -> Reply {
        let bytes = |value: &Value| BASE64.decode(value.as_str().unwrap()).unwrap();
        let digest = |bytes: Vec<u8>| B256::from_slice(&bytes);
        let der =
            |signature: Signature| BASE64.encode(signature.to_k256().unwrap().to_der().as_bytes());
        // the transaction's bytes, or their digest alone: nobody else sees more than he needs
        let body = match self {
            Self::Web3Signer => {
                assert_eq!(asked.method, "POST");
                let (base, identifier) = asked.path.split_once("/api/v1/eth1/sign/0x").unwrap();
                assert_eq!((base, identifier.len()), (format!("/{SECRET}").as_str(), 128));
                assert!(asked.headers.contains(&format!("authorization: bearer {SECRET}")));
                let data: Bytes = asked.body["data"].as_str().unwrap().parse().unwrap();
                let signed = sign(mood, keccak256(data)).as_bytes();
                return Reply::Http(200, format!("0x{}", hex::encode(signed)));
            }
            Self::EthSignTransaction => {
                assert_eq!(asked.path, format!("/{SECRET}/"));
                assert!(asked.headers.contains(&format!("authorization: bearer {SECRET}")));
                assert_eq!(asked.body["method"], "eth_signTransaction");
                let fields = &asked.body["params"][0];
                assert_eq!(fields["input"], fields["data"]);
                assert_eq!(fields["from"], account(DEV_KEY).to_string().to_lowercase());
                let fields: RpcTransaction = serde_json::from_value(fields.clone()).unwrap();
                let transaction = match mood {
                    Mood::OtherTransaction(other) => other.clone(),
                    _ => fields.build_1559().unwrap(),
                };
                let signature = sign(mood, transaction.signature_hash());
                let raw = transaction.into_signed(signature).encoded_2718();
                let raw = Bytes::from(raw);
                // both forms that are about
                let result = match mood {
                    Mood::HighS => json!({ "raw": raw, "tx": {} }),
                    _ => json!(raw),
                };
                json!({ "jsonrpc": "2.0", "id": asked.body["id"], "result": result })
            }
            #[cfg(feature = "aws-kms")]
            Self::AwsKms => {
                assert!(asked.headers.contains("x-amz-target: trentservice.sign"));
                assert_eq!(asked.body["MessageType"], "DIGEST");
                assert_eq!(asked.body["SigningAlgorithm"], "ECDSA_SHA_256");
                let signature = sign(mood, digest(bytes(&asked.body["Message"])));
                json!({ "KeyId": "k", "Signature": der(signature) })
            }
            #[cfg(feature = "gcp-kms")]
            Self::GcpKms => {
                assert_eq!(asked.path, format!("/v1/{GCP_KEY}:asymmetricSign"));
                assert!(asked.headers.contains(&format!("authorization: bearer {SECRET}")));
                let signature = sign(mood, digest(bytes(&asked.body["digest"]["sha256"])));
                json!({ "name": GCP_KEY, "signature": der(signature), "signatureCrc32c": "1" })
            }
        };
        Reply::Http(200, body.to_string())
    }
}

fn sign(mood: &Mood, digest: B256) -> Signature {
    let with = |key: &str, digest| {
        let key = key.parse::<PrivateKeySigner>().unwrap();
        key.sign_hash_sync(&digest).unwrap().with_parity(false)
    };
    match mood {
        Mood::OtherKey => with(OTHER_KEY, digest),
        Mood::OtherDigest => with(DEV_KEY, keccak256(digest)),
        Mood::OtherCurve => {
            let key = p256::ecdsa::SigningKey::from_slice(&[1; 32]).unwrap();
            let signature: p256::ecdsa::Signature = key.sign_prehash(digest.as_slice()).unwrap();
            Signature::from_bytes_and_parity(&signature.to_bytes(), false)
        }
        Mood::HighS => {
            let low = with(DEV_KEY, digest);
            Signature::new(low.r(), U256::from_str_radix(ORDER, 16).unwrap() - low.s(), true)
        }
        Mood::Scalars(r, s) => Signature::new(*r, *s, false),
        _ => with(DEV_KEY, digest),
    }
}

#[cfg(feature = "aws-kms")]
fn aws_client(url: &str) -> aws_sdk_kms::Client {
    use aws_sdk_kms::config::{BehaviorVersion, Builder, Credentials, Region};
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

    let ring = Provider::Rustls(CryptoMode::Ring);
    let http = aws_smithy_http_client::Builder::new().tls_provider(ring).build_https();
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKID", SECRET, None, None, "test"))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .timeout_config(aws_config::timeout::TimeoutConfig::disabled())
        .endpoint_url(url)
        .build();
    aws_sdk_kms::Client::from_conf(config)
}

#[cfg(feature = "gcp-kms")]
struct StaticToken;

#[cfg(feature = "gcp-kms")]
#[async_trait::async_trait]
impl gcp_auth::TokenProvider for StaticToken {
    async fn token(&self, _: &[&str]) -> Result<Arc<gcp_auth::Token>, gcp_auth::Error> {
        let token = json!({ "access_token": SECRET, "expires_in": 3_600 });
        Ok(Arc::new(serde_json::from_value(token).unwrap()))
    }

    async fn project_id(&self) -> Result<Arc<str>, gcp_auth::Error> {
        Ok("p".into())
    }
}
