//! Opens a signer's key, wherever the configuration says it is kept.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use chain::{LocalSigner, RemoteSigner, SigningPolicy, TransactionSigner};
use zeroize::Zeroizing;

use crate::config::{KeySource, SignerConfig};

/// The variable that may hold a raw key.
const DEV_KEY: &str = "INGAM_DEV_KEY";

/// Opens the key; the signer will sign what `policy` allows. A key service is asked for the public key,
/// and has ten seconds to answer.
///
/// # Errors
/// It cannot be opened, is another account's than configured, is raw without `--insecure-dev-key`, or
/// is in a service that this binary was built without.
pub(crate) async fn open(
    config: &SignerConfig,
    insecure_dev_key: bool,
    policy: SigningPolicy,
) -> anyhow::Result<Arc<dyn TransactionSigner>> {
    let signer: Arc<dyn TransactionSigner> = match config.source()? {
        KeySource::Keystore { file, password_file } => {
            let (file, password_file) = (file.to_owned(), password_file.to_owned());
            // slow on purpose
            let opened = tokio::task::spawn_blocking(move || {
                LocalSigner::from_keystore(&file, &password_file, policy)
            });
            Arc::new(opened.await??)
        }
        KeySource::AwsKms { key_id } => aws_kms(key_id, policy).await?,
        KeySource::GcpKms { key_version } => gcp_kms(key_version, policy).await?,
        KeySource::Remote(service) => {
            Arc::new(RemoteSigner::open(service, policy).await.context("signer.remote_url")?)
        }
        KeySource::DevKeyFile(file) => {
            let raw = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read signer.dev_key_file {}", file.display()))?;
            Arc::new(raw_key(raw, insecure_dev_key, policy)?)
        }
        KeySource::Environment => match std::env::var(DEV_KEY) {
            Ok(raw) => Arc::new(raw_key(raw, insecure_dev_key, policy)?),
            Err(_) => bail!(
                "no signer: set signer.keystore and signer.password_file, or another place of a \
                 key in [signer]"
            ),
        },
    };
    let address = signer.address();
    if let Some(expected) = config.address {
        ensure!(address == expected, "the key is of {address}, and signer.address is {expected}");
    }
    Ok(signer)
}

fn raw_key(
    raw: String,
    insecure_dev_key: bool,
    policy: SigningPolicy,
) -> anyhow::Result<LocalSigner> {
    let raw = Zeroizing::new(raw);
    ensure!(insecure_dev_key, "a raw private key is for development only: give --insecure-dev-key");
    Ok(LocalSigner::from_dev_key(raw.trim(), policy)?)
}

#[cfg(feature = "aws-kms")]
async fn aws_kms(
    key_id: &str,
    policy: SigningPolicy,
) -> anyhow::Result<Arc<dyn TransactionSigner>> {
    let signer =
        chain::AwsKmsSigner::open(key_id, policy).await.context("signer.aws_kms_key_id")?;
    Ok(Arc::new(signer))
}

#[cfg(not(feature = "aws-kms"))]
async fn aws_kms(_: &str, _: SigningPolicy) -> anyhow::Result<Arc<dyn TransactionSigner>> {
    not_built("signer.aws_kms_key_id", "AWS KMS", "aws-kms")
}

#[cfg(feature = "gcp-kms")]
async fn gcp_kms(
    key_version: &str,
    policy: SigningPolicy,
) -> anyhow::Result<Arc<dyn TransactionSigner>> {
    let signer = chain::GcpKmsSigner::open(key_version, policy).await;
    Ok(Arc::new(signer.context("signer.gcp_kms_key_version")?))
}

#[cfg(not(feature = "gcp-kms"))]
async fn gcp_kms(_: &str, _: SigningPolicy) -> anyhow::Result<Arc<dyn TransactionSigner>> {
    not_built("signer.gcp_kms_key_version", "Google Cloud KMS", "gcp-kms")
}

#[cfg(not(all(feature = "aws-kms", feature = "gcp-kms")))]
fn not_built<T>(value: &str, service: &str, feature: &str) -> anyhow::Result<T> {
    bail!(
        "{value}: this binary was built without {service}; build it with \
         `cargo build --release --package ingam --features {feature}`"
    )
}
