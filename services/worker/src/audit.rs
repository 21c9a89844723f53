//! One auditor for tests and operators: recomputes every leaf, tile, root and commitment, decodes
//! every stored transaction, and compares with the chain.
//!
//! It reads only, may run beside a working service on PostgreSQL (the embedded database is open in
//! one process at a time), and reports facts that contradict each other.
//! What is merely on its way is not a finding.

mod anchors;
mod announced;
mod badges;
mod log;
mod mints;
mod report;
mod revocations;
mod transactions;
mod trees;

use std::collections::HashMap;

use chain::Chain;
use domain::{BatchId, Stream, StreamId, StreamKind};
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
    let streams = streams(store).await?;
    let mut after: Option<BatchId> = None;
    loop {
        let batches = store.all_batches(after, PAGE).await?;
        let Some(last) = batches.last() else { break };
        after = Some(last.id);
        for batch in &batches {
            audit.batches += 1;
            let Some(stream) = streams.get(&batch.stream) else {
                audit.find(Subject::Batch(batch.id), "its stream is unknown");
                continue;
            };
            let chain = chain.filter(|chain| chain.chain_id() == stream.chain_id);
            if let Some(chain) = chain {
                anchors::check(chain, batch, stream, &mut audit).await?;
            }
            match stream.kind {
                StreamKind::Anchor => {
                    badges::check(store, batch, &mut audit).await?;
                    if let Some(chain) = chain {
                        let of = (batch, stream);
                        revocations::check(store, chain, of, None, &mut audit).await?;
                    }
                }
                StreamKind::Mint { collection } => {
                    let mint = mints::Mint { batch, stream, collection };
                    mint.check(store, chain, &mut audit).await?;
                }
            }
        }
    }
    transactions::check(store, chain, &streams, &mut audit).await?;
    if let Some(chain) = chain {
        announced::check(store, chain, &mut audit).await?;
    }
    log::check(store, &streams, now, &mut audit).await?;
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
    let uncovered = store.uncovered().await?;
    if uncovered > 0 {
        let detail = format!("{uncovered} positions were cut into no batch, or into two");
        audit.find(Subject::Database, detail);
    }
    let mut after = None;
    loop {
        let page = store.badges_with_two_tokens(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for badge in page {
            audit.find(Subject::Badge(badge), "two of its tokens stand");
        }
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

/// All streams, by id.
async fn streams(store: &dyn Store) -> Result<HashMap<StreamId, Stream>, StepError> {
    let views = store.streams().await?;
    Ok(views.into_iter().map(|view| (view.stream.id, view.stream)).collect())
}
