//! What is revoked here, by a final block, is revoked on chain.

use std::collections::HashMap;

use chain::{At, Chain};
use domain::{Batch, Position, Stream, StreamKind};
use store::Store;

use super::{Audit, PAGE, Subject};
use crate::StepError;

/// Indexes asked for at a time.
const INDEXES: usize = 256;

/// `indexes` has the leaves of a mint batch; in an anchor batch they follow from the positions.
pub(super) async fn check(
    store: &dyn Store,
    chain: &dyn Chain,
    (batch, stream): (&Batch, &Stream),
    indexes: Option<&HashMap<Position, u32>>,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let Some(seal) = batch.seal() else { return Ok(()) };
    let mut revoked: Vec<(Position, u32)> = Vec::new();
    let mut from = batch.first;
    loop {
        let page = store.revocations(from, batch.end, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        from = last.plus(1);
        for (position, _) in page.iter().filter(|(_, it)| it.final_at.is_some()) {
            let index = match indexes {
                Some(indexes) => indexes.get(position).copied(),
                None => u32::try_from(position.distance_from(batch.first)).ok(),
            };
            revoked.extend(index.map(|index| (*position, index)));
        }
    }
    for chunk in revoked.chunks(INDEXES) {
        let indexes: Vec<u32> = chunk.iter().map(|(_, index)| *index).collect();
        let bits = chain.revoked(stream.registry, seal.commitment, &indexes, At::Head).await?;
        for ((position, _), _) in chunk.iter().zip(bits).filter(|(_, revoked)| !revoked) {
            let subject = match stream.kind {
                StreamKind::Anchor => Subject::Badge(*position),
                StreamKind::Mint { .. } => Subject::Token(*position),
            };
            audit.find(subject, "it is revoked here, but not on chain");
        }
    }
    Ok(())
}
