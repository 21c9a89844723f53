//! What the owner of a contract does: deploy it, give and take roles, pause. Separate from the
//! service's signer, whose policy allows none of it.

mod artifact;
mod calls;
mod collection;
mod refusals;
mod registry;

pub use calls::OwnerCall;
pub use collection::{CollectionKind, CollectionSetup, DeployedCollection, collection_code_hash};
pub use refusals::ContractRefusal;
pub use registry::{DeployedRegistry, RegistryRoles, registry_code_hash};

use std::fmt;
use std::path::Path;
use std::time::Duration;

use alloy::consensus::SignableTransaction as _;
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use domain::{Block, Fees};
use proof::{Address, Hash};

use crate::signer::{open_keystore, parse_key};
use crate::transaction::{seal, unsigned};
use crate::{At, Chain as _, ChainError, EvmChain, KeyFileError, SendError, Sent};

/// How long a transaction of the owner is waited for.
const RECEIPT_WAIT: Duration = Duration::from_secs(180);
/// Time between two looks.
const RECEIPT_POLL: Duration = Duration::from_millis(250);

/// Why the owner's transaction came to nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OwnerError {
    /// The chain could not be read. A transaction may have been sent.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A trial run of it reverted, so nothing was sent.
    #[error("the contract refuses: {0}")]
    Refused(ContractRefusal),
    /// The nodes do not take the transaction.
    #[error("not sent: {0}")]
    Send(#[from] SendError),
    /// The key could not be used.
    #[error("cannot sign: {0}")]
    Sign(String),
    /// It was mined and reverted.
    #[error("transaction 0x{0} reverted, though a trial run of it did not")]
    Reverted(Hash),
    /// It was sent and is not mined yet; it may be later.
    #[error("transaction 0x{0} is not mined after {RECEIPT_WAIT:?}; it may be mined later")]
    NotMined(Hash),
    /// The code at the address is not that of the committed bytecode.
    #[error("the code at {0} is not what was deployed")]
    Code(Address),
}

/// The owner's (or deployer's) key.
pub struct OwnerKey(PrivateKeySigner);

impl fmt::Debug for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnerKey").field(&self.address()).finish()
    }
}

impl OwnerKey {
    /// As [`crate::LocalSigner::from_keystore`].
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn from_keystore(keystore: &Path, password_file: &Path) -> Result<Self, KeyFileError> {
        open_keystore(keystore, password_file).map(Self)
    }

    /// As [`crate::LocalSigner::from_dev_key`].
    ///
    /// # Errors
    /// [`KeyFileError::Key`].
    pub fn from_dev_key(key: &str) -> Result<Self, KeyFileError> {
        parse_key(key).map(Self)
    }

    /// The account.
    #[must_use]
    pub fn address(&self) -> Address {
        Address(self.0.address().into_array())
    }
}

impl EvmChain {
    /// Makes a call as the owner and waits until it is mined (not final).
    ///
    /// # Errors
    /// See [`OwnerError`].
    pub async fn call_as_owner(
        &self,
        key: &OwnerKey,
        contract: Address,
        call: OwnerCall,
    ) -> Result<Block, OwnerError> {
        let (_, _, block) = self.transact(key, Some(contract), call.to_input()).await?;
        Ok(block)
    }

    /// Where the key's next transaction puts a contract, if it deploys one.
    ///
    /// # Errors
    /// [`OwnerError::Chain`].
    pub async fn next_contract(&self, key: &OwnerKey) -> Result<Address, OwnerError> {
        let nonce = self.nonce(key.address(), At::Head).await?;
        Ok(Address(key.0.address().create(nonce).into_array()))
    }

    /// Nonce, hash and block of a new transaction. A person waits for it, so it pays what the chain
    /// asks for; a crash leaves at most a transaction that is mined later.
    async fn transact(
        &self,
        key: &OwnerKey,
        to: Option<Address>,
        input: Vec<u8>,
    ) -> Result<(u64, Hash, Block), OwnerError> {
        let nonce = self.nonce(key.address(), At::Head).await?;
        if let Some(data) = self.rehearse(key.address(), to, &input).await? {
            return Err(OwnerError::Refused(ContractRefusal::read(&data)));
        }
        let estimate = self.estimate_gas(key.address(), to, &input).await?;
        let quote = self.fee_quote().await?;
        let max_fee = quote.base_fee.saturating_mul(2).saturating_add(quote.priority_fee);
        let fees = Fees { max_fee, max_priority_fee: quote.priority_fee };
        let gas_limit = estimate.saturating_add(estimate / 4);
        let transaction = unsigned(self.chain_id(), nonce, to, input, gas_limit, fees);
        let signature = key
            .0
            .sign_hash_sync(&transaction.signature_hash())
            .map_err(|error| OwnerError::Sign(error.to_string()))?;
        let (hash, raw) = seal(transaction, signature);
        match self.send(&raw).await {
            Ok(Sent::Accepted | Sent::AlreadyKnown) | Err(SendError::Unknown(_)) => {}
            Ok(Sent::NonceTooLow) => {
                let why = "another transaction of this key was mined meanwhile".to_owned();
                return Err(SendError::Rejected(why).into());
            }
            Err(error) => return Err(error.into()),
        }
        let mined = tokio::time::timeout(RECEIPT_WAIT, self.mined(hash)).await;
        let block = mined.unwrap_or(Err(OwnerError::NotMined(hash)))?;
        Ok((nonce, hash, block))
    }

    async fn mined(&self, hash: Hash) -> Result<Block, OwnerError> {
        loop {
            match self.inclusion_hint(hash).await {
                Ok(Some(hint)) if hint.succeeded => return Ok(hint.block),
                Ok(Some(_)) => return Err(OwnerError::Reverted(hash)),
                Err(error @ (ChainError::WrongChain { .. } | ChainError::Contract(_))) => {
                    return Err(error.into());
                }
                Ok(None) | Err(ChainError::Retry(_)) => tokio::time::sleep(RECEIPT_POLL).await,
            }
        }
    }
}
