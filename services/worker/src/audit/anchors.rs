//! What the database says is final is on chain, at a final block.

use chain::{At, Chain};
use domain::{Batch, BatchState, Stream, StreamKind};

use super::{Audit, Subject};
use crate::StepError;

pub(super) async fn check(
    chain: &dyn Chain,
    batch: &Batch,
    stream: &Stream,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let Some(seal) = batch.seal() else { return Ok(()) };
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
            // nobody was promised the day of a mint: it waits for its collection
            if fact.time > batch.deadline_at && stream.kind == StreamKind::Anchor {
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
