//! `[signer]`

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use chain::{RemoteInterface, RemoteService, RpcUrl};
use proof::Address;
use serde::Deserialize;

/// The key that sends transactions, and where it is kept: one of the places, never two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignerConfig {
    /// An encrypted keystore (Web3 Secret Storage, version 3).
    pub(crate) keystore: Option<PathBuf>,
    /// Its password; also `INGAM_SIGNER_PASSWORD_FILE`.
    pub(crate) password_file: Option<PathBuf>,
    /// A key in AWS KMS: its id, ARN or alias.
    pub(crate) aws_kms_key_id: Option<String>,
    /// A key version in Google Cloud KMS: its resource name.
    pub(crate) gcp_kms_key_version: Option<String>,
    /// A signing service; also `INGAM_SIGNER_URL`.
    #[serde(deserialize_with = "url")]
    pub(crate) remote_url: Option<RpcUrl>,
    /// How it is asked.
    pub(crate) remote_interface: Option<Interface>,
    /// A token for it.
    pub(crate) token_file: Option<PathBuf>,
    /// The account that the key must have; with a signing service, the account whose key it uses.
    pub(crate) address: Option<Address>,
    /// A raw private key, for development: needs `--insecure-dev-key`.
    pub(crate) dev_key_file: Option<PathBuf>,
}

/// `signer.remote_interface`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Interface {
    #[serde(rename = "web3signer")]
    Web3Signer,
    #[serde(rename = "eth_signTransaction")]
    EthSignTransaction,
}

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeySource<'a> {
    Keystore {
        file: &'a Path,
        password_file: &'a Path,
    },
    AwsKms {
        key_id: &'a str,
    },
    GcpKms {
        key_version: &'a str,
    },
    Remote(RemoteService),
    DevKeyFile(&'a Path),
    /// Nothing is configured, so a raw key may be in the environment.
    Environment,
}

impl SignerConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.source().map(|_| ())
    }

    /// Where the key is.
    ///
    /// # Errors
    /// Two places, or a value that belongs to another place or is missing; names them.
    pub(crate) fn source(&self) -> anyhow::Result<KeySource<'_>> {
        let places = [
            ("keystore", self.keystore.is_some()),
            ("aws_kms_key_id", self.aws_kms_key_id.is_some()),
            ("gcp_kms_key_version", self.gcp_kms_key_version.is_some()),
            ("remote_url", self.remote_url.is_some()),
            ("dev_key_file", self.dev_key_file.is_some()),
        ];
        let mut given = places.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        if let (Some(one), Some(other)) = (given.next(), given.next()) {
            bail!("signer.{one} and signer.{other} exclude each other: one key signs");
        }
        for (member, is_given, place, is_there) in [
            ("password_file", self.password_file.is_some(), "keystore", self.keystore.is_some()),
            ("token_file", self.token_file.is_some(), "remote_url", self.remote_url.is_some()),
            (
                "remote_interface",
                self.remote_interface.is_some(),
                "remote_url",
                self.remote_url.is_some(),
            ),
        ] {
            ensure!(!is_given || is_there, "signer.{member} is of no use without signer.{place}");
        }
        Ok(if let Some(file) = &self.keystore {
            let Some(password_file) = &self.password_file else {
                bail!("signer.keystore needs signer.password_file")
            };
            KeySource::Keystore { file, password_file }
        } else if let Some(key_id) = &self.aws_kms_key_id {
            KeySource::AwsKms { key_id }
        } else if let Some(key_version) = &self.gcp_kms_key_version {
            KeySource::GcpKms { key_version }
        } else if let Some(url) = &self.remote_url {
            KeySource::Remote(self.service(url)?)
        } else if let Some(file) = &self.dev_key_file {
            KeySource::DevKeyFile(file)
        } else {
            KeySource::Environment
        })
    }

    fn service(&self, url: &RpcUrl) -> anyhow::Result<RemoteService> {
        let Some(address) = self.address else {
            bail!("signer.remote_url needs signer.address: whose key the service shall use")
        };
        Ok(RemoteService {
            url: url.clone(),
            address,
            token_file: self.token_file.clone(),
            interface: match self.remote_interface {
                None | Some(Interface::Web3Signer) => RemoteInterface::Web3Signer,
                Some(Interface::EthSignTransaction) => RemoteInterface::EthSignTransaction,
            },
        })
    }
}

fn url<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<RpcUrl>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let url = text.map(|text| text.parse()).transpose();
    url.map_err(|error| serde::de::Error::custom(format!("remote_url: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Result<String, String> {
        let config: SignerConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        config.source().map(|it| format!("{it:?}")).map_err(|error| error.to_string())
    }

    const ADDRESS: &str = "address = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'\n";
    const REMOTE: &str = "remote_url = 'https://user:hunter2@signer:9000/hunter2'\n";

    #[test]
    fn each_place_of_a_key_is_known() {
        for (text, place) in [
            ("", "Environment"),
            ("keystore = 'k'\npassword_file = 'p'", "Keystore"),
            ("aws_kms_key_id = 'alias/ingam'", "AwsKms"),
            ("gcp_kms_key_version = 'projects/p'", "GcpKms"),
            ("dev_key_file = 'd'", "DevKeyFile"),
            (&format!("{REMOTE}{ADDRESS}"), "Remote"),
        ] {
            let found = source(text).unwrap();
            assert!(found.starts_with(place) && !found.contains("hunter2"), "{found}");
        }
        for (interface, found) in
            [("web3signer", "Web3Signer"), ("eth_signTransaction", "EthSignTransaction")]
        {
            let text = format!("{REMOTE}{ADDRESS}remote_interface = '{interface}'");
            assert!(source(&text).unwrap().contains(found));
        }
    }

    #[test]
    fn two_places_are_refused_by_their_names() {
        let places = [
            ("keystore", "keystore = 'k'\npassword_file = 'p'\n"),
            ("aws_kms_key_id", "aws_kms_key_id = 'k'\n"),
            ("gcp_kms_key_version", "gcp_kms_key_version = 'k'\n"),
            ("remote_url", REMOTE),
            ("dev_key_file", "dev_key_file = 'd'\n"),
        ];
        for (number, (one, first)) in places.iter().enumerate() {
            for (other, second) in &places[number + 1..] {
                let error = source(&format!("{first}{second}{ADDRESS}")).unwrap_err();
                let named = error.contains(&format!("signer.{one} and signer.{other} "));
                assert!(named && !error.contains("hunter2"), "{error}");
            }
        }
    }

    #[test]
    fn what_is_missing_or_of_no_use_is_named() {
        for (text, named) in [
            ("keystore = 'k'", "signer.password_file"),
            ("aws_kms_key_id = 'k'\npassword_file = 'p'", "signer.keystore"),
            ("keystore = 'k'\npassword_file = 'p'\ntoken_file = 't'", "signer.remote_url"),
            ("remote_interface = 'web3signer'", "signer.remote_url"),
            ("remote_interface = 'clef'", "clef"),
            (REMOTE, "signer.address"),
            ("remote_url = 'ftp://signer'", "remote_url"),
        ] {
            let error = source(text).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
