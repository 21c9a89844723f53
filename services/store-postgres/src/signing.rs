//! Signers, leases, nonces, attempts, observations.

use domain::{
    Attempt, BatchId, BatchState, BlockedReason, Effect, Inclusion, MAX_REVOKED_INDEXES,
    Observation, Position, Purpose, Signer, SignerId, TransactionId,
};
use proof::{Address, Timestamp};
use sqlx::PgConnection;
use store::rows::{self, bindable};
use store::{
    Conclusion, Lease, NewTransaction, OutboxEvent, SignerView, Signing, StoreError, TimeSource,
    audit_log, guards, sql,
};

use crate::PostgresStore;
use crate::administration::{ADMINISTRATOR, note};
use crate::failure::Failure;
use crate::row::{all, change, first, one};
use crate::sealing::lock_batch;
use crate::splitting::split;
use crate::sql as dialect;
use crate::transaction::{READ, WRITE, order_ids, transaction};

#[async_trait::async_trait]
impl Signing for PostgresStore {
    async fn signer(
        &self,
        chain_id: u64,
        address: Address,
        base_nonce: u64,
        now: Timestamp,
    ) -> Result<Signer, StoreError> {
        transaction!(self, WRITE, |tx| signer(tx, chain_id, address, base_nonce, now))
    }

    async fn lease(
        &self,
        signer: SignerId,
        holder: &str,
        now: Timestamp,
        ttl_ms: i64,
    ) -> Result<Option<Lease>, StoreError> {
        let time = self.time;
        transaction!(self, WRITE, |tx| take_lease(tx, signer, holder, time, now, ttl_ms))
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let statement = sqlx::query(sql::RELEASE_LEASE).bind(lease.signer.0).bind(lease.epoch);
        // no row: somebody else has it already, which is as good
        change(statement, &self.pool).await.map_err(Failure::Database)?;
        Ok(())
    }

    async fn signer_view(&self, signer: SignerId, limit: u32) -> Result<SignerView, StoreError> {
        guards::page_size(limit)?;
        transaction!(self, READ, |tx| signer_view(tx, signer, limit))
    }

    async fn prepare(
        &self,
        lease: &Lease,
        transaction: &NewTransaction,
    ) -> Result<TransactionId, StoreError> {
        transaction!(self, WRITE, |tx| prepare(tx, lease, transaction))
    }

    async fn block(
        &self,
        lease: &Lease,
        batch: BatchId,
        reason: BlockedReason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| block(tx, lease, batch, reason, now))
    }

    async fn split(&self, batch: BatchId, at: Position, now: Timestamp) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| split(tx, batch, at, now))
    }

    async fn bump(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| bump(tx, lease, transaction, attempt))
    }

    async fn observe(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        observation: &Observation,
    ) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| observe(tx, lease, transaction, observation))
    }

    async fn conclude(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        conclusion: &Conclusion,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| conclude(tx, lease, transaction, conclusion, now))
    }
}

async fn signer(
    tx: &mut PgConnection,
    chain_id: u64,
    address: Address,
    base_nonce: u64,
    now: Timestamp,
) -> Result<Signer, Failure> {
    let chain = bindable(chain_id, "chain id")?;
    let insert = sqlx::query(sql::INSERT_SIGNER)
        .bind(chain)
        .bind(address.0)
        .bind(bindable(base_nonce, "nonce")?);
    let is_new = change(insert, &mut *tx).await? == 1;
    let select = sqlx::query(sql::SIGNER_BY_ADDRESS).bind(chain).bind(address.0);
    let signer = one(select, &mut *tx, rows::signer).await?;
    if is_new {
        let subject = audit_log::signer_subject(&signer);
        note(tx, now, ADMINISTRATOR, "signer.add", &subject).await?;
    }
    Ok(signer)
}

async fn take_lease(
    tx: &mut PgConnection,
    signer: SignerId,
    holder: &str,
    time: TimeSource,
    now: Timestamp,
    ttl_ms: i64,
) -> Result<Option<Lease>, Failure> {
    let now = match time {
        TimeSource::Clock => now.millis(),
        TimeSource::Database => {
            one(sqlx::query(dialect::NOW), &mut *tx, |row| rows::count(row, "now")).await?
        }
    };
    let statement = sqlx::query(sql::TAKE_LEASE)
        .bind(signer.0)
        .bind(holder)
        .bind(now)
        .bind(now.saturating_add(ttl_ms));
    let epoch = first(statement, tx, |row| rows::count(row, "epoch")).await?;
    Ok(epoch.map(|epoch| Lease { signer, epoch }))
}

/// Refuses a lease that was taken over, and keeps it from being taken over until the commit.
pub(crate) async fn hold(tx: &mut PgConnection, lease: &Lease) -> Result<(), Failure> {
    let statement = sqlx::query(dialect::KEEP_LEASE).bind(lease.signer.0).bind(lease.epoch);
    let held = first(statement, tx, |row| rows::count::<i64>(row, "epoch")).await?;
    Ok(held.map(drop).ok_or(StoreError::StaleLease)?)
}

pub(crate) async fn next_nonce(tx: &mut PgConnection, signer: SignerId) -> Result<u64, Failure> {
    let statement = sqlx::query(sql::NEXT_NONCE).bind(signer.0);
    one(statement, tx, |row| rows::count(row, "next_nonce")).await
}

/// What the lease's signer may change of a transaction, which is locked.
async fn live(
    tx: &mut PgConnection,
    lease: &Lease,
    transaction: TransactionId,
) -> Result<Purpose, Failure> {
    let statement =
        sqlx::query(dialect::LOCK_TRANSACTION_OF_SIGNER).bind(transaction.0).bind(lease.signer.0);
    Ok(guards::live(first(statement, tx, rows::owned_transaction).await?)?)
}

async fn signer_view(
    tx: &mut PgConnection,
    signer: SignerId,
    limit: u32,
) -> Result<SignerView, Failure> {
    let page = i64::from(limit);
    let signer = sqlx::query(sql::SIGNER_BY_ID).bind(signer.0);
    let signer = one(signer, &mut *tx, rows::signer).await?;
    let chain = bindable(signer.chain_id, "chain id")?;
    let next_nonce = next_nonce(&mut *tx, signer.id).await?;
    let live = sqlx::query(sql::LIVE_TRANSACTIONS).bind(signer.id.0).bind(page);
    let live = all(live, &mut *tx, rows::live_transaction).await?;
    let last = bindable(rows::last_nonce(&live), "nonce")?;
    let attempts = sqlx::query(sql::LIVE_ATTEMPTS).bind(signer.id.0).bind(last);
    let attempts = all(attempts, &mut *tx, rows::attempt).await?;
    let carried = sqlx::query(sql::LIVE_REVOCATIONS).bind(signer.id.0).bind(last);
    let carried = all(carried, &mut *tx, rows::carried_revocation).await?;
    let waiting = sqlx::query(sql::WAITING_BATCHES).bind(chain).bind(page);
    let waiting = all(waiting, &mut *tx, rows::waiting_batch).await?;
    // enough for as many full jobs
    let revocations = sqlx::query(sql::WAITING_REVOCATIONS)
        .bind(chain)
        .bind(page * i64::from(MAX_REVOKED_INDEXES));
    let revocations = all(revocations, tx, rows::waiting_revocation).await?;
    Ok(SignerView {
        signer,
        next_nonce,
        live: rows::assemble_live(live, attempts, carried),
        waiting,
        revocations: rows::assemble_jobs(&revocations, limit),
    })
}

async fn insert_attempt(
    tx: &mut PgConnection,
    transaction: TransactionId,
    attempt: &Attempt,
) -> Result<(), Failure> {
    let statement = sqlx::query(sql::INSERT_ATTEMPT)
        .bind(transaction.0)
        .bind(attempt.hash.0)
        .bind(&attempt.raw)
        .bind(bindable(attempt.gas_limit, "gas limit")?)
        .bind(bindable(attempt.fees.max_fee, "max fee")?)
        .bind(bindable(attempt.fees.max_priority_fee, "max priority fee")?)
        .bind(attempt.created_at.millis())
        .bind(bindable(attempt.created_block, "block number")?);
    change(statement, tx).await?;
    Ok(())
}

async fn prepare(
    tx: &mut PgConnection,
    lease: &Lease,
    transaction: &NewTransaction,
) -> Result<TransactionId, Failure> {
    hold(tx, lease).await?;
    let (batch, stream) = lock_batch(tx, transaction.purpose.batch()).await?;
    guards::prepare(transaction, next_nonce(tx, lease.signer).await?, &batch, &stream)?;
    let insert = sqlx::query(sql::INSERT_TX)
        .bind(lease.signer.0)
        .bind(bindable(transaction.nonce, "nonce")?)
        .bind(batch.id.0)
        .bind(transaction.purpose.name());
    let id = TransactionId(one(insert, &mut *tx, |row| rows::count(row, "id")).await?);
    insert_attempt(tx, id, &transaction.attempt).await?;
    if let Purpose::Anchor { .. } | Purpose::Mint { .. } = transaction.purpose {
        let update = sqlx::query(sql::BATCH_IN_FLIGHT).bind(batch.id.0);
        guards::affected(change(update, &mut *tx).await?, 1, "batch in flight")?;
        if matches!(batch.state, BatchState::Blocked { .. }) {
            let actor = format!("signer {}", lease.signer);
            let (at, subject) = (transaction.attempt.created_at, format!("batch {}", batch.id));
            note(&mut *tx, at, &actor, "batch.unblocked", &subject).await?;
        }
    }
    let revoked: Vec<i64> = transaction.revoked.iter().map(|one| one.as_i64()).collect();
    let expected = revoked.len() as u64;
    let assign = sqlx::query(dialect::ASSIGN_REVOCATIONS)
        .bind(id.0)
        .bind(revoked)
        .bind(batch.first.as_i64())
        .bind(batch.end.as_i64());
    guards::affected(change(assign, tx).await?, expected, "waiting revocations")?;
    Ok(id)
}

async fn block(
    tx: &mut PgConnection,
    lease: &Lease,
    batch: BatchId,
    reason: BlockedReason,
    now: Timestamp,
) -> Result<(), Failure> {
    hold(tx, lease).await?;
    let (locked, _) = lock_batch(tx, batch).await?;
    let before = locked.state;
    locked.blocked(reason, now).map_err(StoreError::from)?;
    let update = sqlx::query(sql::BLOCK_BATCH).bind(batch.0).bind(reason.name()).bind(now.millis());
    guards::affected(change(update, &mut *tx).await?, 1, "blocked batch")?;
    if let Some(action) = audit_log::blocked_action(&before, reason) {
        let (actor, subject) = (format!("signer {}", lease.signer), format!("batch {batch}"));
        note(tx, now, &actor, &action, &subject).await?;
    }
    Ok(())
}

async fn bump(
    tx: &mut PgConnection,
    lease: &Lease,
    transaction: TransactionId,
    attempt: &Attempt,
) -> Result<(), Failure> {
    hold(tx, lease).await?;
    live(tx, lease, transaction).await?;
    let last = sqlx::query(sql::LAST_FEES).bind(transaction.0);
    guards::bump(one(last, &mut *tx, rows::fees).await?, attempt)?;
    insert_attempt(tx, transaction, attempt).await
}

async fn observe(
    tx: &mut PgConnection,
    lease: &Lease,
    transaction: TransactionId,
    observation: &Observation,
) -> Result<(), Failure> {
    hold(tx, lease).await?;
    live(tx, lease, transaction).await?;
    let inclusion = match &observation.effect {
        Effect::Present { inclusion } => Some(inclusion),
        Effect::Pending | Effect::Burned => None,
    };
    let block = inclusion.map(|it| bindable(it.block_number, "block number")).transpose()?;
    let statement = sqlx::query(sql::OBSERVE)
        .bind(transaction.0)
        .bind(bindable(observation.at.number, "block number")?)
        .bind(observation.at.hash.0)
        .bind(observation.effect.name())
        .bind(observation.observed_at.millis())
        .bind(inclusion.and_then(|it| it.transaction).map(|hash| hash.0))
        .bind(block)
        .bind(inclusion.map(|it| it.block_hash.0))
        .bind(inclusion.map(|it| it.block_time.millis()));
    Ok(guards::affected(change(statement, tx).await?, 1, "observation")?)
}

async fn conclude(
    tx: &mut PgConnection,
    lease: &Lease,
    transaction: TransactionId,
    conclusion: &Conclusion,
    now: Timestamp,
) -> Result<(), Failure> {
    let (state, reason) = match conclusion {
        Conclusion::Confirmed { .. } => ("confirmed", None),
        Conclusion::Burned { reason } => ("burned", Some(reason.name())),
    };
    hold(tx, lease).await?;
    let purpose = live(tx, lease, transaction).await?;
    let end = sqlx::query(sql::END_TRANSACTION).bind(transaction.0).bind(state).bind(reason);
    guards::affected(change(end, &mut *tx).await?, 1, "ended transaction")?;
    match conclusion {
        Conclusion::Confirmed { inclusion } => {
            confirm(tx, purpose, transaction, inclusion, now).await?;
        }
        Conclusion::Burned { .. } => requeue(tx, purpose, transaction).await?,
    }
    let (actor, action) =
        (format!("signer {}", lease.signer), format!("{}.{state}", purpose.name()));
    note(tx, now, &actor, &action, &format!("batch {}", purpose.batch())).await
}

async fn confirm(
    tx: &mut PgConnection,
    purpose: Purpose,
    transaction: TransactionId,
    inclusion: &Inclusion,
    now: Timestamp,
) -> Result<(), Failure> {
    let Some(event) = OutboxEvent::of(purpose) else {
        let finish = sqlx::query(sql::FINISH_REVOCATIONS).bind(transaction.0).bind(now.millis());
        change(finish, tx).await?;
        return Ok(());
    };
    let (batch, _) = lock_batch(tx, purpose.batch()).await?;
    let (id, first, end) = (batch.id, batch.first.as_i64(), batch.end.as_i64());
    batch.confirmed(*inclusion).map_err(StoreError::from)?;
    let update = sqlx::query(sql::BATCH_FINAL)
        .bind(id.0)
        .bind(inclusion.transaction.map(|hash| hash.0))
        .bind(bindable(inclusion.block_number, "block number")?)
        .bind(inclusion.block_hash.0)
        .bind(inclusion.block_time.millis());
    guards::affected(change(update, &mut *tx).await?, 1, "final batch")?;
    if let Purpose::Mint { .. } = purpose {
        // the chain alone knows them from here on
        change(sqlx::query(sql::FORGET_OWNERS).bind(first).bind(end), &mut *tx).await?;
    }
    order_ids(tx, dialect::OUTBOX_IDS).await?;
    let insert = sqlx::query(sql::INSERT_OUTBOX).bind(id.0).bind(event).bind(now.millis());
    change(insert, tx).await?;
    Ok(())
}

async fn requeue(
    tx: &mut PgConnection,
    purpose: Purpose,
    transaction: TransactionId,
) -> Result<(), Failure> {
    if let Purpose::Revoke { .. } = purpose {
        change(sqlx::query(sql::REQUEUE_REVOCATIONS).bind(transaction.0), tx).await?;
        return Ok(());
    }
    let batch = purpose.batch();
    lock_batch(tx, batch).await?.0.requeued().map_err(StoreError::from)?;
    let update = sqlx::query(sql::BATCH_REQUEUED).bind(batch.0);
    Ok(guards::affected(change(update, tx).await?, 1, "requeued batch")?)
}
