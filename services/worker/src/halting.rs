//! Whether a signer may take nonces: not while the chain knows nonces of it that are not stored, and
//! not while a final block is gone.

use chain::{At, Chain};
use domain::{Block, Clock, Signer};
use store::{Halt, HaltReason, Lease, SignerView, Store, StoreError};

use crate::{ChainView, StepError};

/// Transactions looked at in one query.
const PAGE: u32 = 256;

/// What a round knows of its signer.
pub(crate) struct Halting<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) chain: &'a dyn Chain,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) signer: &'a Signer,
}

impl Halting<'_> {
    /// Compares the signer's nonce at the head with what is stored, once a block, and records or ends
    /// the halt that follows. `halts` are those in force before.
    ///
    /// All nonces on chain are stored before they are sent. One that is not stored was taken by an
    /// older or another state of the database, or by somebody else with the key. One node's word neither
    /// halts nor ends a halt. Whether it could be compared.
    pub(crate) async fn compare_nonces(
        &self,
        view: &SignerView,
        at: Block,
        halts: &mut Vec<Halt>,
    ) -> Result<bool, StepError> {
        let (signer, chain_id) = (self.signer, self.signer.chain_id);
        let told = self.chain.nonce(signer.address, At::Block(at.hash)).await?;
        let is_halted = halts.iter().any(|halt| halt.reason == HaltReason::Nonces);
        if told <= view.next_nonce && !is_halted {
            return Ok(true);
        }
        let used = match self.chain.agreed_nonce(signer.address).await {
            Ok(used) => used,
            Err(error) => {
                tracing::warn!(signer = %signer.address, told, %error, "its nonce is not known");
                return Ok(false);
            }
        };
        // another process may have taken nonces since the view was read; each is stored before it is sent
        let stored = if used > view.next_nonce {
            self.store.signer_view(signer.id, 1).await?.next_nonce
        } else {
            view.next_nonce
        };
        if used > stored {
            let halt = Halt {
                chain_id,
                reason: HaltReason::Nonces,
                since: self.clock.now(),
                detail: nonces_ahead(signer, used, stored),
            };
            tracing::error!(signer = %signer.address, detail = halt.detail, "halted");
            self.store.halt(&halt).await?;
            halts.push(halt);
        } else if is_halted {
            tracing::warn!(signer = %signer.address, nonce = used, "its nonces are all stored again");
            self.store.resume(chain_id, HaltReason::Nonces, self.clock.now()).await?;
            halts.retain(|halt| halt.reason != HaltReason::Nonces);
        }
        Ok(true)
    }

    /// Makes live again what a block proved that is not canonical any more, newest nonces first until
    /// a whole page stands. Whether anything was.
    pub(crate) async fn reopen_lost(&self, lease: &Lease) -> Result<bool, StepError> {
        let mut below = u64::MAX;
        let mut reopened = false;
        loop {
            let page = self.store.confirmed_below(self.signer.id, below, PAGE).await?;
            let Some(last) = page.last() else { return Ok(reopened) };
            below = last.nonce;
            let mut lost = false;
            for confirmed in page {
                if stands(self.chain, confirmed.block).await != Some(false) {
                    continue;
                }
                self.store.reopen(lease, confirmed.transaction, self.clock.now()).await?;
                tracing::error!(
                    tx.nonce = confirmed.nonce,
                    block.number = confirmed.block.number,
                    "a final block is gone; its transaction is live again"
                );
                lost = true;
            }
            reopened |= lost;
            if !lost {
                return Ok(reopened);
            }
        }
    }

    /// Sends again what was burned before the lowest live nonce and is not on chain any more: else the
    /// nonces after it could never be mined.
    pub(crate) async fn fill_burned(
        &self,
        view: &SignerView,
        chain_view: &ChainView,
    ) -> Result<(), StepError> {
        let Some(lowest) = view.live.first().map(|live| live.nonce) else { return Ok(()) };
        let at = At::Block(chain_view.head.block.hash);
        let used = self.chain.nonce(self.signer.address, at).await?;
        if used >= lowest {
            return Ok(());
        }
        for record in self.store.transactions(self.signer.id, used, PAGE).await? {
            let Some(newest) = record.attempts.last().filter(|_| record.nonce < lowest) else {
                break;
            };
            // a hint, as every sending is
            if let Err(error) = self.chain.send(&newest.attempt.raw).await {
                tracing::warn!(tx.hash = %newest.attempt.hash, %error, "sending failed");
            }
        }
        Ok(())
    }
}

/// Ends the halt once a block of the lost one's number is final and all that any signer of the chain
/// concluded stands: what another worker has still to reopen, or a former signer's desk, is not left
/// behind. Whether it ended.
pub(crate) async fn end_finality_halt(
    store: &dyn Store,
    chain: &dyn Chain,
    clock: &dyn Clock,
) -> Result<bool, StepError> {
    let chain_id = chain.chain_id();
    let Some(number) = lost_block(&store.halts(chain_id).await?) else { return Ok(false) };
    let finalized = match chain.finalized().await {
        Ok(header) if header.block.number >= number => header.block,
        Ok(_) => return Ok(false),
        Err(error) => {
            tracing::debug!(%error, "no block is known to be final again");
            return Ok(false);
        }
    };
    for signer in store.signers().await? {
        if signer.chain_id != chain_id {
            continue;
        }
        for confirmed in store.confirmed_below(signer.id, u64::MAX, PAGE).await? {
            if stands(chain, confirmed.block).await != Some(true) {
                return Ok(false);
            }
        }
    }
    let now = clock.now();
    // crash between the two: found again at once, and ended again
    store.note_final(chain_id, finalized, now).await?;
    store.resume(chain_id, HaltReason::Finality { number }, now).await?;
    tracing::warn!(chain.id = chain_id, block.number = finalized.number, "final again");
    Ok(true)
}

/// Whether a block is still canonical; `None` while too few nodes tell.
async fn stands(chain: &dyn Chain, block: Block) -> Option<bool> {
    match chain.agreed_header(block.number).await {
        Ok(header) => header.map(|header| header.block == block),
        Err(error) => {
            tracing::debug!(%error, block.number, "whether a block stands is not known");
            None
        }
    }
}

/// Whether the database may be older than the chain, and nobody has adopted it.
pub(crate) async fn is_restored(store: &dyn Store, chain_id: u64) -> Result<bool, StoreError> {
    let halts = store.halts(chain_id).await?;
    Ok(halts.iter().any(|halt| halt.reason == HaltReason::Restored))
}

/// The number of the final block that is gone, if one is.
pub(crate) fn lost_block(halts: &[Halt]) -> Option<u64> {
    halts.iter().find_map(|halt| match halt.reason {
        HaltReason::Finality { number } => Some(number),
        HaltReason::Restored | HaltReason::Nonces => None,
    })
}

/// What is found when the chain is ahead, and what to do.
pub(crate) fn nonces_ahead(signer: &Signer, used: u64, next: u64) -> String {
    let (address, last) = (signer.address, used - 1);
    format!(
        "signer {address} has used nonce {last} on chain, and nonces {next} to {last} are not in this \
         database: an older backup was restored, or the key was used elsewhere"
    )
}
