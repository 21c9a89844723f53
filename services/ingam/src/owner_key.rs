//! The key that deploys contracts and gives roles: another than the service's signer.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use chain::OwnerKey;
use zeroize::Zeroizing;

/// Where the key is.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct OwnerKeyArgs {
    /// The deployer's encrypted keystore
    #[arg(long, value_name = "FILE", requires = "password_file")]
    keystore: Option<PathBuf>,
    /// Its password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Take the deployer's key raw, from --dev-key-file or INGAM_DEPLOYER_KEY: development only
    #[arg(long, conflicts_with = "keystore")]
    insecure_dev_key: bool,
    /// A file with the raw key
    #[arg(long, value_name = "FILE", requires = "insecure_dev_key")]
    dev_key_file: Option<PathBuf>,
}

const DEPLOYER_KEY: &str = "INGAM_DEPLOYER_KEY";

impl OwnerKeyArgs {
    /// Opens the key.
    ///
    /// # Errors
    /// None is given, or it cannot be opened.
    pub(crate) async fn open(&self) -> anyhow::Result<OwnerKey> {
        if let (Some(keystore), Some(password)) =
            (self.keystore.clone(), self.password_file.clone())
        {
            // slow on purpose
            let opened =
                tokio::task::spawn_blocking(move || OwnerKey::from_keystore(&keystore, &password));
            return Ok(opened.await??);
        }
        if !self.insecure_dev_key {
            bail!("give --keystore and --password-file (or, for development, --insecure-dev-key)");
        }
        let raw = match &self.dev_key_file {
            Some(file) => std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?,
            None => {
                std::env::var(DEPLOYER_KEY).with_context(|| format!("{DEPLOYER_KEY} is not set"))?
            }
        };
        Ok(OwnerKey::from_dev_key(Zeroizing::new(raw).trim())?)
    }
}
