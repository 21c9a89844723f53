//! Signers, transactions, attempts, observations, revocations on their way.

use std::collections::HashMap;

use domain::{
    Attempt, BatchId, Block, BurnReason, Effect, Fees, LiveTransaction, MAX_REVOKED_INDEXES, Mint,
    Observation, Purpose, Signer, SignerId, TransactionId, TransactionState,
};
use proof::{Address, EvmHash, Hash, TileId, Timestamp};

use super::batch::maybe_inclusion;
use super::{Columns, Row, badge::reason, corrupt, position};
use crate::{
    AttemptRecord, OutboxEvent, RevocationItem, RevocationJob, StoreError, TransactionRecord,
};

/// A row of [`crate::sql::SIGNERS`].
///
/// # Errors
/// `Corrupt`.
pub fn signer(row: &impl Row) -> Result<Signer, StoreError> {
    Ok(Signer {
        id: SignerId(row.number("signer_id")?),
        chain_id: row.number("chain_id")?,
        address: row.address("address")?,
        base_nonce: row.number("base_nonce")?,
    })
}

fn purpose(row: &impl Row) -> Result<Purpose, StoreError> {
    let batch = BatchId(row.number("batch_id")?);
    let name = row.owned_text("purpose")?;
    let all = [Purpose::Anchor { batch }, Purpose::Mint { batch }, Purpose::Revoke { batch }];
    all.into_iter().find(|it| it.name() == name).ok_or_else(|| corrupt("purpose", name))
}

fn effect(row: &impl Row, name: &str) -> Result<Effect, StoreError> {
    match name {
        "present" => {
            let inclusion = maybe_inclusion(row)?;
            let inclusion = inclusion.ok_or_else(|| corrupt("inclusion_block_number", "NULL"))?;
            Ok(Effect::Present { inclusion })
        }
        "pending" => Ok(Effect::Pending),
        "burned" => Ok(Effect::Burned),
        _ => Err(corrupt("effect", name)),
    }
}

fn maybe_observation(row: &impl Row) -> Result<Option<Observation>, StoreError> {
    let Some(name) = row.text("effect")? else { return Ok(None) };
    Ok(Some(Observation {
        at: Block { number: row.number("block_number")?, hash: row.hash("block_hash")? },
        effect: effect(row, &name)?,
        observed_at: row.time("observed_at")?,
    }))
}

/// Columns `max_fee` and `max_priority_fee`.
///
/// # Errors
/// `Corrupt`.
pub fn fees(row: &impl Row) -> Result<Fees, StoreError> {
    let wei = |column| row.number::<u64>(column).map(u128::from);
    Ok(Fees { max_fee: wei("max_fee")?, max_priority_fee: wei("max_priority_fee")? })
}

/// An attempt with the transaction that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// Whose.
    pub transaction: TransactionId,
    /// The attempt.
    pub record: AttemptRecord,
}

/// A row of [`crate::sql::LIVE_ATTEMPTS`].
///
/// # Errors
/// `Corrupt`.
pub fn attempt(row: &impl Row) -> Result<AttemptRow, StoreError> {
    let attempt = Attempt {
        hash: row.hash("hash")?,
        raw: row.bytes("raw")?.ok_or_else(|| corrupt("raw", "NULL"))?,
        gas_limit: row.number("gas_limit")?,
        fees: fees(row)?,
        created_at: row.time("created_at")?,
        created_block: row.number("created_block")?,
    };
    let record = AttemptRecord { id: row.number("attempt_id")?, attempt };
    Ok(AttemptRow { transaction: TransactionId(row.number("tx_id")?), record })
}

/// A live transaction without attempts and revocations, and what completes it.
#[derive(Debug, Clone)]
pub struct LiveRow {
    transaction: LiveTransaction,
    promise_ms: i64,
}

/// What a mint must have for effect; `None` for another purpose.
fn maybe_mint(row: &impl Row, purpose: Purpose) -> Result<Option<Mint>, StoreError> {
    let Purpose::Mint { .. } = purpose else { return Ok(None) };
    let owners_hash = EvmHash(row.hash("owners_hash")?.0);
    Ok(Some(Mint { collection: row.address("collection")?, owners_hash }))
}

/// A row of [`crate::sql::LIVE_TRANSACTIONS`].
///
/// # Errors
/// `Corrupt`.
pub fn live_transaction(row: &impl Row) -> Result<LiveRow, StoreError> {
    let purpose = purpose(row)?;
    let transaction = LiveTransaction {
        id: TransactionId(row.number("tx_id")?),
        nonce: row.number("nonce")?,
        purpose,
        commitment: row.hash("commitment")?,
        registry: row.address("registry")?,
        mint: maybe_mint(row, purpose)?,
        revoked_indexes: Vec::new(),
        deadline_at: row.time("deadline_at")?,
        attempts: Vec::new(),
        observation: maybe_observation(row)?,
    };
    Ok(LiveRow { transaction, promise_ms: row.number("promise_ms")? })
}

/// The highest nonce of a page of live transactions; 0 for none.
#[must_use]
pub fn last_nonce(live: &[LiveRow]) -> u64 {
    live.last().map_or(0, |row| row.transaction.nonce)
}

/// A revocation on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarriedRevocation {
    transaction: TransactionId,
    index: u32,
    requested_at: Timestamp,
}

/// A row of [`crate::sql::LIVE_REVOCATIONS`].
///
/// # Errors
/// `Corrupt`.
pub fn carried_revocation(row: &impl Row) -> Result<CarriedRevocation, StoreError> {
    Ok(CarriedRevocation {
        transaction: TransactionId(row.number("tx_id")?),
        index: row.number("leaf_index")?,
        requested_at: row.time("requested_at")?,
    })
}

/// Completes live transactions with their attempts and revocations.
#[must_use]
pub fn assemble_live(
    live: Vec<LiveRow>,
    attempts: Vec<AttemptRow>,
    revocations: Vec<CarriedRevocation>,
) -> Vec<LiveTransaction> {
    let mut attempts = by_transaction(attempts);
    let mut carried: HashMap<TransactionId, Vec<(u32, Timestamp)>> = HashMap::new();
    for row in revocations {
        let item = (row.index, row.requested_at);
        carried.entry(row.transaction).or_default().push(item);
    }
    let complete = |row: LiveRow| {
        let mut transaction = row.transaction;
        let records = attempts.remove(&transaction.id).unwrap_or_default();
        transaction.attempts = records.into_iter().map(|record| record.attempt).collect();
        let items = carried.remove(&transaction.id).unwrap_or_default();
        if let Some(requested_at) = items.iter().map(|(_, at)| *at).min() {
            transaction.deadline_at = requested_at.plus_millis(row.promise_ms);
        }
        transaction.revoked_indexes = items.into_iter().map(|(index, _)| index).collect();
        transaction
    };
    live.into_iter().map(complete).collect()
}

fn by_transaction(attempts: Vec<AttemptRow>) -> HashMap<TransactionId, Vec<AttemptRecord>> {
    let mut grouped: HashMap<_, Vec<_>> = HashMap::new();
    for row in attempts {
        grouped.entry(row.transaction).or_default().push(row.record);
    }
    grouped
}

/// A revocation that no transaction carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingRevocation {
    batch: BatchId,
    commitment: Hash,
    registry: Address,
    item: RevocationItem,
    requested_at: Timestamp,
}

/// A row of [`crate::sql::WAITING_REVOCATIONS`].
///
/// # Errors
/// `Corrupt`.
pub fn waiting_revocation(row: &impl Row) -> Result<WaitingRevocation, StoreError> {
    let item = RevocationItem {
        position: position(row)?,
        index: row.number("leaf_index")?,
        reason: reason("reason", row.number("reason")?)?,
    };
    Ok(WaitingRevocation {
        batch: BatchId(row.number("batch_id")?),
        commitment: row.hash("commitment")?,
        registry: row.address("registry")?,
        item,
        requested_at: row.time("requested_at")?,
    })
}

/// Groups revocations (by time of request) into at most `limit` jobs, one a batch: that of the
/// reason that waits longest.
#[must_use]
pub fn assemble_jobs(waiting: &[WaitingRevocation], limit: u32) -> Vec<RevocationJob> {
    let mut jobs: Vec<RevocationJob> = Vec::new();
    for one in waiting {
        if let Some(job) = jobs.iter_mut().find(|job| job.batch == one.batch) {
            let same = job.items.iter().all(|item| item.reason == one.item.reason);
            if same && job.items.len() < MAX_REVOKED_INDEXES as usize {
                job.items.push(one.item);
            }
        } else if jobs.len() < limit as usize {
            jobs.push(RevocationJob {
                batch: one.batch,
                commitment: one.commitment,
                registry: one.registry,
                items: vec![one.item],
                requested_at: one.requested_at,
            });
        }
    }
    for job in &mut jobs {
        job.items.sort_unstable_by_key(|item| item.index);
    }
    jobs
}

/// What a writer needs to know of a transaction of its signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedTransaction {
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it may still be changed.
    pub live: bool,
}

/// A row of [`crate::sql::TRANSACTION_OF_SIGNER`].
///
/// # Errors
/// `Corrupt`.
pub fn owned_transaction(row: &impl Row) -> Result<OwnedTransaction, StoreError> {
    Ok(OwnedTransaction { purpose: purpose(row)?, live: row.owned_text("state")? == "live" })
}

fn transaction_state(row: &impl Row) -> Result<TransactionState, StoreError> {
    let state = row.owned_text("state")?;
    let reason = row.text("burn_reason")?;
    match (state.as_str(), reason.as_deref()) {
        ("live", None) => Ok(TransactionState::Live),
        ("confirmed", None) => Ok(TransactionState::Confirmed),
        ("burned", Some("reverted")) => Ok(TransactionState::Burned(BurnReason::Reverted)),
        ("burned", Some("foreign")) => Ok(TransactionState::Burned(BurnReason::Foreign)),
        _ => Err(corrupt("state", state)),
    }
}

/// A row of [`crate::sql::TRANSACTIONS`], without its attempts.
///
/// # Errors
/// `Corrupt`.
pub fn transaction_record(row: &impl Row) -> Result<TransactionRecord, StoreError> {
    Ok(TransactionRecord {
        id: TransactionId(row.number("tx_id")?),
        signer: SignerId(row.number("signer_id")?),
        nonce: row.number("nonce")?,
        purpose: purpose(row)?,
        commitment: row.hash("commitment")?,
        state: transaction_state(row)?,
        attempts: Vec::new(),
    })
}

/// Gives each transaction its attempts.
#[must_use]
pub fn assemble_records(
    mut records: Vec<TransactionRecord>,
    attempts: Vec<AttemptRow>,
) -> Vec<TransactionRecord> {
    let mut attempts = by_transaction(attempts);
    for record in &mut records {
        record.attempts = attempts.remove(&record.id).unwrap_or_default();
    }
    records
}

/// A row of [`crate::sql::EVENTS`].
///
/// # Errors
/// `Corrupt`.
pub fn outbox_event(row: &impl Row) -> Result<OutboxEvent, StoreError> {
    Ok(OutboxEvent {
        id: row.number("event_id")?,
        batch: BatchId(row.number("batch_id")?),
        event: row.owned_text("event")?,
        at: row.time("created_at")?,
    })
}

/// A row of [`crate::sql::TILES_AFTER`].
///
/// # Errors
/// `Corrupt`.
pub fn tile_bytes(row: &impl Row) -> Result<(TileId, Vec<u8>), StoreError> {
    let id = TileId { level: row.number("level")?, index: row.number("tile_index")? };
    Ok((id, row.bytes("hashes")?.ok_or_else(|| corrupt("hashes", "NULL"))?))
}
