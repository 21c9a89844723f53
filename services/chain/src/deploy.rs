//! What the registry's owner does: deploy it, give and take roles, pause. Separate from the
//! service's signer, whose policy allows none of it.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use alloy::consensus::SignableTransaction as _;
use alloy::primitives::keccak256;
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolCall as _, SolConstructor as _};
use domain::{Block, Fees};
use proof::{Address, Hash};

use crate::contract::AnchorRegistry;
use crate::signer::{open_keystore, parse_key};
use crate::transaction::{seal, unsigned};
use crate::{At, Chain as _, ChainError, EvmChain, KeyFileError, SendError, Sent};

/// How long a transaction of the owner is waited for.
const RECEIPT_WAIT: Duration = Duration::from_secs(180);
/// Time between two looks.
const RECEIPT_POLL: Duration = Duration::from_millis(250);

/// Keccak-256 of the code of every `AnchorRegistry` that was deployed from the committed bytecode
/// (it has no immutable values, so all are the same).
#[must_use]
pub fn registry_code_hash() -> Hash {
    Hash(keccak256(&AnchorRegistry::DEPLOYED_BYTECODE).0)
}

/// The roles that a registry begins with. The deployer itself gets none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryRoles {
    /// Gives and takes the roles; should be a multisig.
    pub owner: Address,
    /// May pause, and nothing else.
    pub guardian: Option<Address>,
    /// May anchor; at most 16.
    pub operators: Vec<Address>,
    /// May revoke single badges.
    pub revokers: Vec<Address>,
}

/// A registry that was just deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeployedRegistry {
    /// Where it is.
    pub address: Address,
    /// The block of its deployment, not final yet.
    pub block: Block,
    /// The transaction.
    pub transaction: Hash,
    /// Keccak-256 of its code; equal to [`registry_code_hash`].
    pub code_hash: Hash,
}

/// A call that only the owner may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerCall {
    /// The account may anchor.
    AddOperator(Address),
    /// The account may no longer anchor.
    RemoveOperator(Address),
    /// The account may revoke.
    AddRevoker(Address),
    /// The account may no longer revoke.
    RemoveRevoker(Address),
    /// Stops writing.
    Pause,
    /// Lets it go on.
    Unpause,
}

impl OwnerCall {
    fn to_input(self) -> Vec<u8> {
        match self {
            Self::AddOperator(account) => {
                AnchorRegistry::addOperatorCall { operator: account.0.into() }.abi_encode()
            }
            Self::RemoveOperator(account) => {
                AnchorRegistry::removeOperatorCall { operator: account.0.into() }.abi_encode()
            }
            Self::AddRevoker(account) => {
                AnchorRegistry::addRevokerCall { revoker: account.0.into() }.abi_encode()
            }
            Self::RemoveRevoker(account) => {
                AnchorRegistry::removeRevokerCall { revoker: account.0.into() }.abi_encode()
            }
            Self::Pause => AnchorRegistry::pauseCall {}.abi_encode(),
            Self::Unpause => AnchorRegistry::unpauseCall {}.abi_encode(),
        }
    }
}

/// Why the owner's transaction came to nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OwnerError {
    /// The chain could not be read. A transaction may have been sent.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The nodes do not take the transaction.
    #[error("not sent: {0}")]
    Send(#[from] SendError),
    /// The key could not be used.
    #[error("cannot sign: {0}")]
    Sign(String),
    /// It was mined and reverted.
    #[error("transaction 0x{0} reverted: is the key the owner's?")]
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
    /// Deploys a registry from the committed bytecode, in one transaction, and waits until it is
    /// mined (not final).
    ///
    /// # Errors
    /// See [`OwnerError`].
    pub async fn deploy_registry(
        &self,
        key: &OwnerKey,
        roles: &RegistryRoles,
    ) -> Result<DeployedRegistry, OwnerError> {
        let accounts = |list: &[Address]| list.iter().map(|one| one.0.into()).collect();
        let arguments = AnchorRegistry::constructorCall {
            firstOwner: roles.owner.0.into(),
            firstGuardian: roles.guardian.unwrap_or_default().0.into(),
            firstOperators: accounts(&roles.operators),
            firstRevokers: accounts(&roles.revokers),
        };
        let code = [&AnchorRegistry::BYTECODE[..], &arguments.abi_encode()].concat();
        let (nonce, transaction, block) = self.transact(key, None, code).await?;
        let address = Address(key.0.address().create(nonce).into_array());
        let code_hash = self.code_hash(address).await?;
        if code_hash != Some(registry_code_hash()) {
            return Err(OwnerError::Code(address));
        }
        Ok(DeployedRegistry { address, block, transaction, code_hash: registry_code_hash() })
    }

    /// Makes a call as the owner and waits until it is mined (not final).
    ///
    /// # Errors
    /// See [`OwnerError`].
    pub async fn call_as_owner(
        &self,
        key: &OwnerKey,
        registry: Address,
        call: OwnerCall,
    ) -> Result<Block, OwnerError> {
        let (_, _, block) = self.transact(key, Some(registry), call.to_input()).await?;
        Ok(block)
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
