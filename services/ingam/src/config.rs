//! The configuration file: TOML, every value with limits, secrets also from the environment.
//!
//! Each section is one file. Its defaults stand in one place, the section's `Default`; its limits
//! in its `check`. `deploy/config.example.toml` shows every value.

mod api;
mod bounds;
mod chain;
mod database;
mod fees;
mod log;
mod mint;
mod profile;
mod promise;
mod service;
mod signer;
mod worker;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

pub(crate) use api::ApiConfig;
pub(crate) use chain::ChainConfig;
pub(crate) use database::{DatabaseConfig, DatabaseUrl};
pub(crate) use log::{LogConfig, LogFormat};
pub(crate) use mint::MintConfig;
pub(crate) use profile::{FeeDefaults, Profile};
pub(crate) use promise::PromiseConfig;
pub(crate) use service::ServiceConfig;
pub(crate) use signer::{KeySource, SignerConfig};
pub(crate) use worker::{SealConfig, WorkerConfig};

/// The whole file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) service: ServiceConfig,
    pub(crate) database: DatabaseConfig,
    pub(crate) chain: ChainConfig,
    #[serde(default)]
    pub(crate) signer: SignerConfig,
    /// Keys that signed before the configured one: what they sent is followed to its end.
    #[serde(default)]
    pub(crate) former_signers: Vec<SignerConfig>,
    #[serde(default)]
    pub(crate) seal: SealConfig,
    #[serde(default)]
    pub(crate) mint: MintConfig,
    #[serde(default)]
    pub(crate) worker: WorkerConfig,
    #[serde(default)]
    pub(crate) promise: PromiseConfig,
    #[serde(default)]
    pub(crate) api: ApiConfig,
    #[serde(default)]
    pub(crate) log: LogConfig,
}

/// Reads a variable of the environment; tests pass their own.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// Names the file and the value.
    pub(crate) fn load(path: &Path, environment: Environment<'_>) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        Self::parse(&text, environment).with_context(|| format!("in {}", path.display()))
    }

    /// As [`Config::load`], from text.
    pub(crate) fn parse(text: &str, environment: Environment<'_>) -> anyhow::Result<Self> {
        // read twice, for only the text knows the line of a mistake
        let profile = toml::from_str::<Self>(text)?.chain.profile;
        let mut file: toml::Table = toml::from_str(text)?;
        profile.lie_beneath(&mut file)?;
        let mut config: Self = file.try_into()?;
        config.override_secrets(environment)?;
        config.check()?;
        Ok(config)
    }

    /// Values that may hold a secret can be kept out of the file.
    fn override_secrets(&mut self, environment: Environment<'_>) -> anyhow::Result<()> {
        if let Some(url) = environment("INGAM_DATABASE_URL") {
            self.database.url = url.parse().context("INGAM_DATABASE_URL")?;
        }
        if let Some(urls) = environment("INGAM_RPC_URLS") {
            self.chain.rpc_urls = chain::parse_urls(&urls).context("INGAM_RPC_URLS")?;
        }
        if let Some(path) = environment("INGAM_SIGNER_PASSWORD_FILE") {
            self.signer.password_file = Some(path.into());
        }
        if let Some(url) = environment("INGAM_SIGNER_URL") {
            self.signer.remote_url = Some(url.parse().context("INGAM_SIGNER_URL")?);
        }
        Ok(())
    }

    fn check(&self) -> anyhow::Result<()> {
        self.service.check()?;
        self.database.check()?;
        self.chain.check()?;
        self.signer.check()?;
        for former in &self.former_signers {
            anyhow::ensure!(
                former.source()? != signer::KeySource::Environment,
                "each of former_signers names a key"
            );
        }
        self.seal.check()?;
        self.mint.check()?;
        self.worker.check()?;
        self.promise.check()?;
        self.api.check()?;
        self.seal.check_promise(self.promise.length_ms())
    }

    /// When intake closes.
    pub(crate) fn gate_policy(&self) -> domain::GatePolicy {
        domain::GatePolicy {
            promise_ms: self.promise.length_ms(),
            at_risk_ms: self.promise.at_risk_ms(),
            batch_badges: self.seal.policy().max_count,
            batches_at_once: self.worker.max_live_transactions as u64,
        }
    }

    /// Where the key that signs receipts is kept.
    pub(crate) fn receipt_key_file(&self) -> PathBuf {
        self.service.file("receipt.key", self.service.receipt_key_file.as_deref())
    }

    /// Where erasures are written down before they are done.
    pub(crate) fn erasure_journal(&self) -> PathBuf {
        self.service.data_dir.join("erasures.log")
    }

    /// Where the secret behind proof tokens is kept.
    pub(crate) fn token_secret_file(&self) -> PathBuf {
        self.service.file("token.secret", self.service.token_secret_file.as_deref())
    }
}

#[cfg(test)]
mod tests;
