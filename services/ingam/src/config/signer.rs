//! `[signer]`

use std::path::PathBuf;

use serde::Deserialize;

/// The key that sends transactions. Exactly one of the two ways.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignerConfig {
    /// An encrypted keystore (Web3 Secret Storage, version 3).
    pub(crate) keystore: Option<PathBuf>,
    /// Its password; also `INGAM_SIGNER_PASSWORD_FILE`.
    pub(crate) password_file: Option<PathBuf>,
    /// A raw private key, for development: needs `--insecure-dev-key`.
    pub(crate) dev_key_file: Option<PathBuf>,
}

impl SignerConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.keystore.is_none() || self.dev_key_file.is_none(),
            "signer.keystore and signer.dev_key_file exclude each other"
        );
        anyhow::ensure!(
            self.keystore.is_none() || self.password_file.is_some(),
            "signer.keystore needs signer.password_file"
        );
        Ok(())
    }
}
