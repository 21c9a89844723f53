//! What the database says is final is on chain, at a final block.

use chain::{At, Chain};
use domain::{Batch, BatchState};
use store::Store;

use super::{Audit, Subject, registry_of};
use crate::StepError;

pub(super) async fn check(
    store: &dyn Store,
    chain: &dyn Chain,
    batch: &Batch,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let Some(seal) = batch.seal() else { return Ok(()) };
    let Some(stream) = registry_of(store, batch).await? else {
        audit.find(Subject::Batch(batch.id), "its stream is unknown");
        return Ok(());
    };
    if stream.chain_id != chain.chain_id() {
        return Ok(());
    }
    let fact = chain.anchored(stream.registry, seal.commitment, At::Head).await?;
    audit.anchored += u64::from(fact.is_some());
    let BatchState::Final { inclusion, .. } = &batch.state else { return Ok(()) };
    match fact {
        None => audit.find(
            Subject::Batch(batch.id),
            format!("it is final here, but {} is not anchored", seal.commitment),
        ),
        Some(fact) if fact.time != inclusion.block_time => audit.find(
            Subject::Batch(batch.id),
            format!("anchored at {} on chain, at {} here", fact.time, inclusion.block_time),
        ),
        Some(fact) => {
            if fact.time > batch.deadline_at {
                let detail =
                    format!("anchored at {}, after its deadline {}", fact.time, batch.deadline_at);
                audit.find(Subject::Batch(batch.id), detail);
            }
            let header = chain.header(inclusion.block_number).await?;
            if header.is_none_or(|header| header.block.hash != inclusion.block_hash) {
                let detail = format!("block {} is not as recorded", inclusion.block_number);
                audit.find(Subject::Batch(batch.id), detail);
            }
            let finalized = chain.finalized().await?;
            if fact.time > finalized.time {
                let detail = "it is final here, but its block is above the finalized one";
                audit.find(Subject::Batch(batch.id), detail);
            }
        }
    }
    Ok(())
}
