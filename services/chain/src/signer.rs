//! Keys, behind one trait, each with its [`SigningPolicy`](crate::SigningPolicy).

#[cfg(feature = "aws-kms")]
mod aws_kms;
#[cfg(feature = "gcp-kms")]
mod gcp_kms;
mod guarded;
mod key_service;
mod local;
mod remote;

use domain::Fees;
use proof::{Address, Hash};

use crate::{ContractCall, Refusal};

#[cfg(feature = "aws-kms")]
pub use aws_kms::{AwsKmsKey, AwsKmsSigner};
#[cfg(feature = "gcp-kms")]
pub use gcp_kms::{GcpKmsKey, GcpKmsSigner};
pub use guarded::Guarded;
pub use key_service::KeyServiceError;
pub use local::{KeyFileError, LocalKey, LocalSigner};
pub(crate) use local::{open_keystore, parse_key};
pub use remote::{RemoteInterface, RemoteKey, RemoteService, RemoteSigner};

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
/// Implementations MUST refuse what their [`SigningPolicy`](crate::SigningPolicy) refuses, and MUST return bytes that
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

#[cfg(test)]
mod tests;
