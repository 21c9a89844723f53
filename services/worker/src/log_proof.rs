//! From a row of the audit log to a chain: what an operator gives to whoever doubts.

use std::ops::Range;

use domain::{BadgeRecord, Batch};
use proof::{
    AnchorHint, AuditProof, BadgeRef, EvmHash, Frontier, Hash, Inclusion, ProofDocument,
    path_from_tiles, path_ranges, tiles_for_path,
};
use store::{HeadRecord, LogRow, Store, StoreError};

use crate::StepError;

/// Rows read at a time.
const PAGE: u32 = 1_000;

/// The proof of a row, as far as its head has come; `None` while no head covers it. It reads the log
/// up to that head.
///
/// # Errors
/// `NotFound` without such a row; `Corrupt` where the row does not lead to its head, or the head not
/// to its batch's commitment: the auditor says more.
pub async fn prove_log_row(
    store: &dyn Store,
    number: u64,
) -> Result<Option<AuditProof>, StepError> {
    let found = store.log_row(number).await?.ok_or(StoreError::NotFound)?;
    let LogRow { row, place: Some((index, _)) } = found else { return Ok(None) };
    let Some(HeadRecord { head, position }) = store.head_covering(index).await? else {
        return Ok(None);
    };
    let mut path = Vec::new();
    for range in path_ranges(index, head.size)? {
        path.push(root_of_rows(store, range).await?);
    }
    let corrupt = |what: String| StepError::from(StoreError::Corrupt(what));
    let entry = store.badge(position).await?;
    let entry = entry.ok_or_else(|| corrupt(format!("the entry of head {}", head.sequence)))?;
    let proof = document(store, &entry).await?;
    let pending = proof.inclusion.is_none();
    let document = AuditProof { row, index, path, head, proof };
    let sealed = entry.batch.as_ref().and_then(Batch::seal).map(|seal| seal.commitment);
    match document.computed() {
        Ok(computed) if Some(computed.commitment) != sealed => {
            Err(corrupt(format!("head {} in its batch", document.head.sequence)))
        }
        Ok(_) => Ok(Some(document)),
        Err(proof::AuditProofError::Compute(proof::ComputeError::Pending)) if pending => {
            Ok(Some(document))
        }
        Err(error) => Err(corrupt(format!("row {number} of the audit log: {error}"))),
    }
}

async fn root_of_rows(store: &dyn Store, places: Range<u64>) -> Result<Hash, StepError> {
    let mut tree = Frontier::default();
    let mut next = places.start;
    while next < places.end {
        let limit = u32::try_from(places.end - next).unwrap_or(PAGE).min(PAGE);
        let page = store.placed_log(next, limit).await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            tree.push(row.row.leaf())?;
            next += 1;
        }
    }
    // of another range than asked for, where rows are missing; the path then leads nowhere
    Ok(tree.root().unwrap_or(Hash::ZERO))
}

/// The head's own proof document.
async fn document(store: &dyn Store, entry: &BadgeRecord) -> Result<ProofDocument, StepError> {
    let included = entry.batch.as_ref().and_then(Batch::inclusion);
    let anchor = included.map(|inclusion| AnchorHint {
        transaction: inclusion.transaction.map(|hash| EvmHash(hash.0)),
        block_number: Some(inclusion.block_number),
        block_hash: Some(EvmHash(inclusion.block_hash.0)),
        block_time: Some(inclusion.block_time),
        ..AnchorHint::new(entry.stream.chain_id, entry.stream.registry)
    });
    Ok(ProofDocument {
        badge: BadgeRef {
            rule: entry.rule,
            digest: entry.digest,
            issuer: entry.identifier.clone(),
            salt: entry.salt,
        },
        inclusion: inclusion(store, entry).await?,
        deadline_at: anchor.is_none().then(|| entry.deadline_at()),
        anchors: anchor.into_iter().collect(),
        token: None,
        receipt: None,
    })
}

async fn inclusion(store: &dyn Store, entry: &BadgeRecord) -> Result<Option<Inclusion>, StepError> {
    let Some(batch) = &entry.batch else { return Ok(None) };
    let Some(seal) = batch.seal() else { return Ok(None) };
    let index = entry.position.distance_from(batch.first);
    let mut tiles = Vec::new();
    for id in tiles_for_path(index, seal.size)? {
        tiles.extend(store.tile(batch.id, id).await?);
    }
    let tile = |id| tiles.iter().find(|tile| tile.id == id).cloned();
    let path = path_from_tiles(index, seal.size, tile)
        .map_err(|error| StoreError::Corrupt(format!("batch {}: {error}", batch.id)))?;
    let blockcerts_root = Some(seal.blockcerts_root).filter(|root| *root != Hash::ZERO);
    Ok(Some(Inclusion { index, tree_size: seal.size, path, blockcerts_root }))
}
