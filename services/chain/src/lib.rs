//! The chain as the service sees it: one trait, the EVM client, and a simulated chain for tests.
//!
//! No answer of a node is believed beyond what the trait's documentation says.
#![warn(missing_docs)]

mod call;
mod contract;
mod deploy;
mod error;
mod evm;
mod facts;
mod funds;
mod gas;
mod outcome;
mod policy;
mod signer;
#[cfg(any(test, feature = "simulated"))]
pub mod simulated;
mod transaction;

pub use call::ContractCall;
pub use contract::InputError;
pub use deploy::{
    CollectionKind, CollectionSetup, ContractRefusal, DeployedCollection, DeployedRegistry,
    OwnerCall, OwnerError, OwnerKey, RegistryRoles, collection_code_hash, registry_code_hash,
};
pub use error::{ChainError, SendError};
pub use evm::{
    AccountRoles, AnchorReading, ChainProfile, EvmChain, EvmReader, Finality, NodePolicy, RpcUrl,
    RpcUrlError, TokenReading,
};
pub use facts::{AnchorFact, At, ChainEvent, Header, InclusionHint, Preflight, Sent, TokenFact};
pub use gas::GasPerMint;
pub use outcome::{Awaited, AwaitedEffect, Outcome};
pub use policy::{Refusal, SigningPolicy};
#[cfg(feature = "aws-kms")]
pub use signer::{AwsKmsKey, AwsKmsSigner};
#[cfg(feature = "gcp-kms")]
pub use signer::{GcpKmsKey, GcpKmsSigner};
pub use signer::{
    Guarded, KeyFileError, KeyServiceError, LocalKey, LocalSigner, RemoteInterface, RemoteKey,
    RemoteService, RemoteSigner, SignError, SignedTransaction, TransactionRequest,
    TransactionSigner,
};
pub use transaction::{DecodeError, DecodedTransaction, decode};

use domain::FeeQuote;
use proof::{Address, EvmHash, Hash, TokenId};

/// One chain, through one or more nodes.
///
/// Implementations MUST bound each call in time (10 s at most) and MUST refuse to answer when the
/// node's chain id is not [`Chain::chain_id`].
#[async_trait::async_trait]
pub trait Chain: Send + Sync {
    /// EIP-155 chain id, as configured and checked at the start.
    fn chain_id(&self) -> u64;

    /// The newest header. It may go backwards from call to call.
    async fn head(&self) -> Result<Header, ChainError>;

    /// The newest header that the chain profile calls final: the node's `finalized` tag, at least
    /// `min_depth` below the head.
    async fn finalized(&self) -> Result<Header, ChainError>;

    /// The canonical header of this number; `None` above the head.
    async fn header(&self, number: u64) -> Result<Option<Header>, ChainError>;

    /// The header of this number that as many nodes name as must agree on finality; `None` while too
    /// few have one. [`ChainError::Retry`] where enough name one and enough another. An
    /// implementation over several nodes MUST ask them all; with one it is that node's word.
    async fn agreed_header(&self, number: u64) -> Result<Option<Header>, ChainError> {
        self.header(number).await
    }

    /// The account's nonce: how many of its transactions are mined at `at`. With [`At::Block`] an
    /// implementation MUST read by block hash (EIP-1898) or fail.
    async fn nonce(&self, account: Address, at: At) -> Result<u64, ChainError>;

    /// The account's nonce at the head that as many nodes as must agree on finality have reached: the
    /// lowest that this many of the highest answers give. [`ChainError::Retry`] while fewer answer. An
    /// implementation over several nodes MUST ask them all; with one it is that node's word.
    async fn agreed_nonce(&self, account: Address) -> Result<u64, ChainError> {
        self.nonce(account, At::Head).await
    }

    /// The registry's record of a commitment at `at`; `None` when it is not anchored.
    async fn anchored(
        &self,
        registry: Address,
        commitment: Hash,
        at: At,
    ) -> Result<Option<AnchorFact>, ChainError>;

    /// Whether these leaf indexes of a commitment are revoked at `at`, in input order.
    async fn revoked(
        &self,
        registry: Address,
        commitment: Hash,
        indexes: &[u32],
        at: At,
    ) -> Result<Vec<bool>, ChainError>;

    /// The hash of the code in which a collection keeps a batch's owners at `at`; `None` when it has
    /// not minted this commitment.
    async fn minted(
        &self,
        collection: Address,
        commitment: Hash,
        at: At,
    ) -> Result<Option<EvmHash>, ChainError>;

    /// What a collection says of a token at `at`.
    async fn token(
        &self,
        collection: Address,
        id: TokenId,
        at: At,
    ) -> Result<TokenFact, ChainError>;

    /// How many batches a collection holds at the head.
    async fn batch_count(&self, collection: Address) -> Result<u64, ChainError>;

    /// What became of a transaction, as of the block with the hash `at`: nonce and effect MUST be read
    /// at this very block (EIP-1898) from one node. [`Outcome::Absent`] costs a nonce, so an
    /// implementation MUST doubt it as far as it can.
    async fn outcome(&self, awaited: &Awaited<'_>, at: Hash) -> Result<Outcome, ChainError> {
        let block = At::Block(at);
        if self.nonce(awaited.signer, block).await? <= awaited.nonce {
            return Ok(Outcome::Pending);
        }
        let Awaited { registry, commitment, .. } = *awaited;
        match awaited.effect {
            AwaitedEffect::Anchored => {}
            AwaitedEffect::Minted { collection, owners_hash } => {
                match self.minted(collection, commitment, block).await? {
                    None => return Ok(Outcome::Absent),
                    Some(owners) if owners != owners_hash => return Ok(Outcome::OtherOwners),
                    Some(_) => {}
                }
            }
            AwaitedEffect::Revoked { indexes } => {
                let revoked = self.revoked(registry, commitment, indexes, block).await?;
                return Ok(Outcome::of_revoked(&revoked));
            }
        }
        Ok(Outcome::of_anchored(self.anchored(registry, commitment, block).await?))
    }

    /// Burns, revocations and reinstatements that these contracts announced in blocks
    /// `from..=to`, in their order on chain. Hints: a node may leave some out or invent some, so each
    /// is confirmed by reading state before it is stored. A revocation with a code that is no
    /// [`domain::RevocationReason`] comes as `Unspecified`. [`ChainError::Retry`] while the node has
    /// not seen the block `to`.
    async fn events(
        &self,
        contracts: &[Address],
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainEvent>, ChainError>;

    /// Commitments that a registry announced as anchored in blocks `from..=to`, by anybody. Hints, as
    /// [`Chain::events`] are; [`ChainError::Retry`] while the node has not seen the block `to`.
    async fn announced(
        &self,
        registry: Address,
        from: u64,
        to: u64,
    ) -> Result<Vec<Hash>, ChainError>;

    /// Where a transaction was mined, as the node says. A hint: absence proves nothing.
    async fn inclusion_hint(&self, transaction: Hash) -> Result<Option<InclusionHint>, ChainError>;

    /// What the account owns at the head, in wei.
    async fn balance(&self, account: Address) -> Result<u128, ChainError>;

    /// What the chain asks for now.
    async fn fee_quote(&self) -> Result<FeeQuote, ChainError>;

    /// Simulates the call at the head: the gas limit to use (estimate plus a margin), or why it
    /// cannot be done now, or not in one transaction.
    async fn preflight(&self, from: Address, call: &ContractCall) -> Result<Preflight, ChainError>;

    /// Hands stored bytes to every node. An error never proves that none of them took it.
    async fn send(&self, raw: &[u8]) -> Result<Sent, SendError>;

    /// Keccak-256 of the code at an address at the head; `None` where there is none.
    async fn code_hash(&self, address: Address) -> Result<Option<Hash>, ChainError>;
}
