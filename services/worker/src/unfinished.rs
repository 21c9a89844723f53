//! Sealing what is cut, apart from the rounds: a badge that is to be erased before a restored service
//! serves cannot wait for a worker to seal its batch.

use domain::{Clock, StreamKind};
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::step::Sealer;
use crate::{Failpoints, SealingStep, StepError};

/// Builds and seals every batch that is cut. Any process may: needs no lease, as all sealing.
///
/// # Errors
/// Database or tree; a repeat goes on.
pub async fn seal_unfinished(store: &dyn Store, clock: &dyn Clock) -> Result<(), StepError> {
    let (failpoints, stop) = (Failpoints::default(), CancellationToken::new());
    let sealer = Sealer { store, clock, failpoints: &failpoints, stop: &stop };
    for view in store.streams().await? {
        for batch in view.cut {
            let batch = Box::new(batch);
            sealer
                .take(match view.stream.kind {
                    StreamKind::Anchor => SealingStep::Build { batch },
                    StreamKind::Mint { .. } => SealingStep::BuildMint { batch },
                })
                .await?;
        }
    }
    Ok(())
}
