//! What others did on chain, followed up to final blocks: owners burn tokens, an issuer's own keys
//! revoke and reinstate.

use domain::ContractEvent;
use proof::{Address, Timestamp};

use crate::StoreError;

/// A fact and when it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedFact {
    /// What, confirmed by reading state.
    pub fact: ContractEvent,
    /// Time of its block.
    pub at: Timestamp,
}

/// How far a contract's events were read, and what was learned.
#[async_trait::async_trait]
pub trait Following: Send + Sync {
    /// The last block whose events were stored; `None` before the first.
    async fn followed(&self, chain_id: u64, contract: Address) -> Result<Option<u64>, StoreError>;

    /// Stores facts of the contract's events in blocks up to `block`, which MUST be final, and
    /// `block` itself, in one transaction. Facts of commitments and tokens that are not ours are
    /// left out; a fact known already changes nothing. A revocation that was asked for here keeps
    /// its reason and time of request.
    ///
    /// # Errors
    /// `Conflict` when `block` is below one stored.
    async fn follow(
        &self,
        chain_id: u64,
        contract: Address,
        block: u64,
        facts: &[DatedFact],
    ) -> Result<(), StoreError>;
}
