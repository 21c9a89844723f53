//! A key in AWS Key Management Service: asymmetric, `ECC_SECG_P256K1`, for signing.

use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::primitives::Signature;
use alloy::signers::Signer as _;
use alloy::signers::aws::{AwsSigner, AwsSignerError};
use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_sdk_kms::Client;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use proof::Address;

use super::guarded::{Guarded, SigningKey};
use super::key_service::{KeyServiceError, Patience, cut};
use crate::SigningPolicy;
use crate::evm::causes;

/// The key of an [`AwsKmsSigner`].
pub struct AwsKmsKey {
    signer: AwsSigner,
    patience: Patience,
}

/// A signer whose key is in AWS KMS. It is given the digest only.
pub type AwsKmsSigner = Guarded<AwsKmsKey>;

impl AwsKmsSigner {
    /// Reads the public key of `key_id` (a key's id or ARN, or an alias). Region and credentials come
    /// from where the AWS SDKs look: the environment, the shared files, a web identity token, the
    /// container's or the instance's role. They need `kms:GetPublicKey` and `kms:Sign`.
    ///
    /// # Errors
    /// See [`KeyServiceError`].
    pub async fn open(key_id: &str, policy: SigningPolicy) -> Result<Self, KeyServiceError> {
        let ring = Provider::Rustls(CryptoMode::Ring);
        let http = aws_smithy_http_client::Builder::new().tls_provider(ring).build_https();
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            // whoever asks for a signature asks again
            .retry_config(RetryConfig::disabled());
        let patience = Patience::default();
        let settings = patience.with(async { Ok(loader.load().await) }).await;
        let settings = settings.map_err(KeyServiceError::Unavailable)?;
        if settings.region().is_none() {
            let why = "no AWS region: set AWS_REGION, or a region in the shared configuration";
            return Err(KeyServiceError::Key(why.to_owned()));
        }
        Self::with_client(Client::new(&settings), key_id, policy).await
    }

    pub(super) async fn with_client(
        client: Client,
        key_id: &str,
        policy: SigningPolicy,
    ) -> Result<Self, KeyServiceError> {
        let patience = Patience::default();
        let opened = async { Ok(AwsSigner::new(client, key_id.to_owned(), None).await) };
        let opened = patience.with(opened).await.map_err(KeyServiceError::Unavailable)?;
        let signer = opened.map_err(|error| match &error {
            AwsSignerError::Sign(_) | AwsSignerError::GetPublicKey(_) => {
                KeyServiceError::Unavailable(told(&error))
            }
            other => KeyServiceError::Key(format!(
                "{key_id} has no public key of the curve secp256k1 ({other})"
            )),
        })?;
        Ok(Self::new(AwsKmsKey { signer, patience }, policy))
    }

    #[cfg(test)]
    pub(super) fn set_patience(&mut self, within: std::time::Duration) {
        self.key_mut().patience = Patience(within);
    }
}

#[async_trait::async_trait]
impl SigningKey for AwsKmsKey {
    fn address(&self) -> Address {
        Address(self.signer.address().into_array())
    }

    async fn sign(&self, transaction: &TxEip1559) -> Result<Signature, String> {
        let digest = transaction.signature_hash();
        let asked = async { self.signer.sign_hash(&digest).await.map_err(|error| told(&error)) };
        self.patience.with(asked).await
    }
}

fn told(error: &dyn std::error::Error) -> String {
    format!("AWS KMS: {}", cut(&causes(error)))
}
