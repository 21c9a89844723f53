//! Keys, behind one trait, each with its [`SigningPolicy`].

use std::fmt;
use std::path::{Path, PathBuf};

use alloy::consensus::SignableTransaction as _;
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use domain::Fees;
use proof::{Address, Hash};
use zeroize::Zeroizing;

use crate::transaction::{seal, unsigned};
use crate::{ContractCall, DecodedTransaction, Refusal, SigningPolicy, decode};

/// What to sign: an EIP-1559 transaction of value 0 to the call's contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionRequest {
    /// Whom to call, with what.
    pub call: ContractCall,
    /// Of the signer's sequence.
    pub nonce: u64,
    /// In gas.
    pub gas_limit: u64,
    /// In wei per gas.
    pub fees: Fees,
}

/// What was signed. Store it before it is sent; it is never signed again (a key service answers
/// with another signature each time, and a second transaction would take the nonce).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTransaction {
    /// Keccak-256 of `raw`.
    pub hash: Hash,
    /// The EIP-2718 envelope.
    pub raw: Vec<u8>,
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The policy forbids it, and will for ever.
    #[error("refused to sign: {0}")]
    Refused(#[from] Refusal),
    /// The key could not be used now, or what came back is not what was asked for. No nonce is
    /// consumed: nothing signed left the signer.
    #[error("signer unavailable: {0}")]
    Unavailable(String),
}

/// A key with one nonce sequence.
///
/// Implementations MUST refuse what their [`SigningPolicy`] refuses, and MUST return bytes that
/// decode to exactly the request, signed by [`TransactionSigner::address`].
#[async_trait::async_trait]
pub trait TransactionSigner: Send + Sync {
    /// The account.
    fn address(&self) -> Address;

    /// Signs.
    ///
    /// # Errors
    /// See [`SignError`].
    async fn sign(&self, request: &TransactionRequest) -> Result<SignedTransaction, SignError>;
}

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

/// A key in this process's memory.
pub struct LocalSigner {
    key: PrivateKeySigner,
    policy: SigningPolicy,
}

impl fmt::Debug for LocalSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSigner").field("address", &self.address()).finish_non_exhaustive()
    }
}

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
        Ok(Self { key: open_keystore(keystore, password_file)?, policy })
    }

    /// Takes a raw private key, `0x` and 64 hexadecimal digits. For development only: the caller
    /// enforces that.
    ///
    /// # Errors
    /// [`KeyFileError::Key`].
    pub fn from_dev_key(key: &str, policy: SigningPolicy) -> Result<Self, KeyFileError> {
        Ok(Self { key: parse_key(key)?, policy })
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

#[async_trait::async_trait]
impl TransactionSigner for LocalSigner {
    fn address(&self) -> Address {
        Address(self.key.address().into_array())
    }

    async fn sign(&self, request: &TransactionRequest) -> Result<SignedTransaction, SignError> {
        self.policy.check(request)?;
        let transaction = unsigned(
            self.policy.chain_id,
            request.nonce,
            Some(request.call.contract()),
            request.call.to_input(),
            request.gas_limit,
            request.fees,
        );
        let signature = self
            .key
            .sign_hash_sync(&transaction.signature_hash())
            .map_err(|error| SignError::Unavailable(error.to_string()))?;
        let (hash, raw) = seal(transaction, signature);
        let expected = expected(self.address(), self.policy.chain_id, request, hash);
        match decode(&raw) {
            Ok(decoded) if decoded == expected => Ok(SignedTransaction { hash, raw }),
            Ok(_) => Err(SignError::Unavailable("signed something else than asked".to_owned())),
            Err(error) => Err(SignError::Unavailable(error.to_string())),
        }
    }
}

/// What the bytes of this request must decode to.
fn expected(
    signer: Address,
    chain_id: u64,
    request: &TransactionRequest,
    hash: Hash,
) -> DecodedTransaction {
    DecodedTransaction {
        hash,
        signer,
        chain_id,
        nonce: request.nonce,
        to: Some(request.call.contract()),
        input: request.call.to_input(),
        value: 0,
        gas_limit: request.gas_limit,
        fees: request.fees,
    }
}

#[cfg(test)]
mod tests;
