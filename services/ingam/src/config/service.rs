//! `[service]`

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Who this service is, and where it keeps its files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceConfig {
    /// Stands in every receipt and in the trust file; never change it.
    pub(crate) id: String,
    /// Where the API is reached from outside, without a final slash.
    pub(crate) public_url: String,
    /// Holds the key files, and the embedded database unless its URL says otherwise.
    pub(crate) data_dir: PathBuf,
    /// 32 secret bytes in hexadecimal; default: `receipt.key` in `data_dir`.
    #[serde(default)]
    pub(crate) receipt_key_file: Option<PathBuf>,
    /// 32 secret bytes in hexadecimal; default: `token.secret` in `data_dir`.
    #[serde(default)]
    pub(crate) token_secret_file: Option<PathBuf>,
}

const MAX_ID_LEN: usize = 200;

impl ServiceConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let printable = self.id.bytes().all(|byte| byte.is_ascii_graphic());
        anyhow::ensure!(
            !self.id.is_empty() && self.id.len() <= MAX_ID_LEN && printable,
            "service.id has 1 to {MAX_ID_LEN} printable ASCII characters without spaces"
        );
        let is_http =
            self.public_url.starts_with("https://") || self.public_url.starts_with("http://");
        anyhow::ensure!(
            is_http && !self.public_url.ends_with('/'),
            "service.public_url begins with https:// or http:// and has no final slash"
        );
        Ok(())
    }

    pub(super) fn file(&self, name: &str, configured: Option<&Path>) -> PathBuf {
        configured.map_or_else(|| self.data_dir.join(name), Path::to_owned)
    }
}
