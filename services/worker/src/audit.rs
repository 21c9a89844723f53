//! One auditor for tests and operators: recomputes every leaf, tile, root and commitment, decodes
//! every stored transaction, and compares with the chain.
//!
//! It reads only, may run beside a working service on PostgreSQL (the embedded database is open in
//! one process at a time), and reports facts that contradict each other.
//! What is merely on its way is not a finding.

mod anchors;
mod report;
mod transactions;
mod trees;

use chain::Chain;
use domain::{Batch, BatchId};
use proof::Timestamp;
use store::Store;

pub use report::{Audit, Finding, Subject};

use crate::StepError;

/// Rows read at a time.
const PAGE: u32 = 1000;

/// Everything, against the chain when one is given.
///
/// # Errors
/// The database or the chain could not be read; that is no finding.
pub async fn audit(
    store: &dyn Store,
    chain: Option<&dyn Chain>,
    now: Timestamp,
) -> Result<Audit, StepError> {
    let mut audit = Audit::default();
    let mut after: Option<BatchId> = None;
    loop {
        let batches = store.all_batches(after, PAGE).await?;
        let Some(last) = batches.last() else { break };
        after = Some(last.id);
        for batch in &batches {
            trees::check(store, batch, &mut audit).await?;
            if let Some(chain) = chain {
                anchors::check(store, chain, batch, &mut audit).await?;
            }
        }
    }
    transactions::check(store, chain, &mut audit).await?;
    check_totals(store, now, &mut audit).await?;
    Ok(audit)
}

/// No position is unaccounted for, and no promise is broken.
async fn check_totals(
    store: &dyn Store,
    now: Timestamp,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let counts = store.counts().await?;
    audit.badges = counts.badges;
    if counts.badges + counts.erased != counts.positions {
        audit.find(
            Subject::Database,
            format!(
                "{} positions were given out, but {} badges are stored and {} erased",
                counts.positions, counts.badges, counts.erased
            ),
        );
    }
    let promise = store.promise_status(now).await?;
    if promise.overdue > 0 {
        audit.find(
            Subject::Database,
            format!("{} promises are past their deadline", promise.overdue),
        );
    }
    if promise.late > 0 {
        audit.find(Subject::Database, format!("{} promises were kept too late", promise.late));
    }
    Ok(())
}

/// The registry of a batch's stream.
async fn registry_of(
    store: &dyn Store,
    batch: &Batch,
) -> Result<Option<domain::Stream>, StepError> {
    let streams = store.streams().await?;
    Ok(streams.into_iter().map(|view| view.stream).find(|stream| stream.id == batch.stream))
}
