//! A key in this process's memory: from an encrypted keystore file, or, for development, raw.

use std::path::{Path, PathBuf};

use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::primitives::Signature;
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use proof::Address;
use zeroize::Zeroizing;

use super::guarded::{Guarded, SigningKey};
use crate::SigningPolicy;

/// Why a key could not be loaded. Never tells anything of the key or its password.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Not a keystore (Web3 Secret Storage, version 3), or another password.
    #[error("cannot open the keystore {path}: not a version 3 keystore, or a wrong password")]
    Keystore {
        /// Which file.
        path: PathBuf,
    },
    /// Not 32 bytes in hexadecimal, or not within the curve's order.
    #[error("not a secp256k1 private key of 64 hexadecimal digits")]
    Key,
}

/// The key of a [`LocalSigner`].
pub struct LocalKey(PrivateKeySigner);

/// A signer whose key is in this process's memory.
pub type LocalSigner = Guarded<LocalKey>;

impl LocalSigner {
    /// Opens an encrypted keystore file with the password in another file (its line end is cut
    /// off). Takes about a second, on purpose: call it where blocking is allowed.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn from_keystore(
        keystore: &Path,
        password_file: &Path,
        policy: SigningPolicy,
    ) -> Result<Self, KeyFileError> {
        Ok(Self::new(LocalKey(open_keystore(keystore, password_file)?), policy))
    }

    /// Takes a raw private key, `0x` and 64 hexadecimal digits. For development only: the caller
    /// enforces that.
    ///
    /// # Errors
    /// [`KeyFileError::Key`].
    pub fn from_dev_key(key: &str, policy: SigningPolicy) -> Result<Self, KeyFileError> {
        Ok(Self::new(LocalKey(parse_key(key)?), policy))
    }
}

#[async_trait::async_trait]
impl SigningKey for LocalKey {
    fn address(&self) -> Address {
        Address(self.0.address().into_array())
    }

    async fn sign(&self, transaction: &TxEip1559) -> Result<Signature, String> {
        let signed = self.0.sign_hash_sync(&transaction.signature_hash());
        signed.map_err(|error| error.to_string())
    }
}

/// See [`LocalSigner::from_keystore`].
pub(crate) fn open_keystore(
    keystore: &Path,
    password_file: &Path,
) -> Result<PrivateKeySigner, KeyFileError> {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|source| KeyFileError::Read { path: path.to_owned(), source })
    };
    read(keystore)?;
    let password = read(password_file)?;
    PrivateKeySigner::decrypt_keystore(keystore, password.trim_end_matches(['\r', '\n']))
        .map_err(|_| KeyFileError::Keystore { path: keystore.to_owned() })
}

/// See [`LocalSigner::from_dev_key`].
pub(crate) fn parse_key(key: &str) -> Result<PrivateKeySigner, KeyFileError> {
    let mut bytes = Zeroizing::new([0; 32]);
    let digits = key.strip_prefix("0x").unwrap_or(key);
    hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| KeyFileError::Key)?;
    PrivateKeySigner::from_slice(bytes.as_slice()).map_err(|_| KeyFileError::Key)
}
