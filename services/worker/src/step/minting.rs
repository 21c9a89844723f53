//! From a sealed mint batch to its call: owners read, checked, and split where it is too dear.

use chain::{At, ContractCall};
use domain::{Batch, BatchId, Position, Purpose};
use proof::{Address, EvmHash, owners_hash};
use store::StoreError;

use super::anchoring::Order;
use super::{Anchorer, Done};
use crate::StepError;

impl Anchorer<'_> {
    pub(super) async fn mint(&mut self, batch: &Batch, collection: Address) -> Done {
        let Some(seal) = batch.seal() else { return Ok(false) };
        let Some(sealed_owners) = seal.owners_hash else { return Ok(false) };
        // whatever goes wrong from here on is tried again in a minute, not at once
        self.pause(batch.id);
        let owners = self.store.owners(batch.id).await?;
        // the commitment does not bind owners: what is signed are those that were sealed, or nothing
        if owners_hash(seal.commitment, &owners) != sealed_owners {
            let why = format!("the owners of batch {} are not as they were sealed", batch.id);
            return Err(StoreError::Corrupt(why).into());
        }
        self.check_owners(batch, collection, sealed_owners).await?;
        let order = Order {
            call: ContractCall::Mint { collection, size: seal.size, root: seal.root, owners },
            purpose: Purpose::Mint { batch: batch.id },
            revoked: Vec::new(),
            deadline_at: batch.deadline_at,
            split_at: (seal.size > 1).then(|| batch.first.plus(batch.len() / 2)),
        };
        self.prepare(order).await
    }

    /// Says so where the collection has this batch with other owners: it will refuse the mint for
    /// ever, and preflight knows no more than that it reverts.
    async fn check_owners(
        &self,
        batch: &Batch,
        collection: Address,
        sealed_owners: EvmHash,
    ) -> Result<(), StepError> {
        let Some(seal) = batch.seal() else { return Ok(()) };
        let minted = self.chain.minted(collection, seal.commitment, At::Head).await?;
        if minted.is_some_and(|minted| minted != sealed_owners) {
            alarm_other_owners(batch.id, collection);
        }
        Ok(())
    }

    /// Both halves are cut, to be built and sealed anew.
    pub(super) async fn split(
        &mut self,
        batch: BatchId,
        at: Position,
        estimate: Option<u64>,
    ) -> Done {
        // crash: it is found to be too dear again
        self.failpoints.hit("before-split")?;
        match self.store.split(batch, at, self.clock.now()).await {
            // crash: two cut batches, which the next round builds
            Ok(()) => self.failpoints.hit("after-split")?,
            Err(StoreError::Conflict(why)) => {
                tracing::warn!(batch.id = %batch, why, "split lost a race");
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
        self.pacing.blocked.remove(&batch);
        tracing::warn!(
            batch.id = %batch, position = %at, estimate,
            "more gas than a transaction may have: the batch is split"
        );
        Ok(true)
    }
}

/// Somebody with the minter's role gave our badges' tokens to others. Nothing here mends it: the
/// batch is never final and ends blocked, for an operator to find out who holds the key.
pub(super) fn alarm_other_owners(batch: BatchId, collection: Address) {
    metrics::counter!("ingam_mint_other_owners_total").increment(1);
    tracing::error!(
        batch.id = %batch, %collection, "the batch was minted to other owners than those sealed"
    );
}
