//! Signers, leases, nonces, attempts, observations.

use domain::{
    Attempt, BatchId, BatchState, BlockedReason, Effect, Inclusion, MAX_REVOKED_INDEXES,
    Observation, Position, Purpose, Signer, SignerId, TransactionId,
};
use proof::{Address, Timestamp};
use sqlx::sqlite::SqliteConnection;
use store::rows::bindable;
use store::{
    Conclusion, Lease, NewTransaction, OutboxEvent, SignerView, Signing, StoreError, audit_log,
    guards, rows, sql,
};

use crate::SqliteStore;
use crate::administration::{ADMINISTRATOR, note};
use crate::error::stored;
use crate::rows::{all, maybe, one, run};
use crate::sealing::batch;
use crate::splitting::split;

pub(crate) async fn hold(
    connection: &mut SqliteConnection,
    lease: &Lease,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql::LEASE_HELD).bind(lease.signer.0).bind(lease.epoch);
    let held = maybe(connection, query, |row| rows::count::<i64>(row, "epoch")).await?;
    held.map(drop).ok_or(StoreError::StaleLease)
}

pub(crate) async fn next_nonce(
    connection: &mut SqliteConnection,
    signer: SignerId,
) -> Result<u64, StoreError> {
    let query = sqlx::query(sql::NEXT_NONCE).bind(signer.0);
    one(connection, query, |row| rows::count(row, "next_nonce")).await
}

/// What the lease's signer may change of a transaction.
async fn live(
    connection: &mut SqliteConnection,
    lease: &Lease,
    transaction: TransactionId,
) -> Result<Purpose, StoreError> {
    let query = sqlx::query(sql::TRANSACTION_OF_SIGNER).bind(transaction.0).bind(lease.signer.0);
    guards::live(maybe(connection, query, rows::owned_transaction).await?)
}

async fn insert_attempt(
    connection: &mut SqliteConnection,
    transaction: TransactionId,
    attempt: &Attempt,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql::INSERT_ATTEMPT)
        .bind(transaction.0)
        .bind(attempt.hash.0.to_vec())
        .bind(attempt.raw.clone())
        .bind(bindable(attempt.gas_limit, "gas limit")?)
        .bind(bindable(attempt.fees.max_fee, "max fee")?)
        .bind(bindable(attempt.fees.max_priority_fee, "max priority fee")?)
        .bind(attempt.created_at.millis())
        .bind(bindable(attempt.created_block, "block number")?);
    run(connection, query).await.map(drop)
}

async fn confirm(
    connection: &mut SqliteConnection,
    purpose: Purpose,
    transaction: TransactionId,
    inclusion: &Inclusion,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(event) = OutboxEvent::of(purpose) else {
        let finish = sqlx::query(sql::FINISH_REVOCATIONS).bind(transaction.0).bind(now.millis());
        return run(connection, finish).await.map(drop);
    };
    let id = purpose.batch();
    let (batch, _) = batch(connection, id).await?;
    let (first, end) = (batch.first.as_i64(), batch.end.as_i64());
    batch.confirmed(*inclusion)?;
    let update = sqlx::query(sql::BATCH_FINAL)
        .bind(id.0)
        .bind(inclusion.transaction.map(|hash| hash.0.to_vec()))
        .bind(bindable(inclusion.block_number, "block number")?)
        .bind(inclusion.block_hash.0.to_vec())
        .bind(inclusion.block_time.millis());
    guards::affected(run(connection, update).await?, 1, "final batch")?;
    if let Purpose::Mint { .. } = purpose {
        // the chain alone knows them from here on
        run(connection, sqlx::query(sql::FORGET_OWNERS).bind(first).bind(end)).await?;
    }
    let insert = sqlx::query(sql::INSERT_OUTBOX).bind(id.0).bind(event).bind(now.millis());
    run(connection, insert).await.map(drop)
}

async fn requeue(
    connection: &mut SqliteConnection,
    purpose: Purpose,
    transaction: TransactionId,
) -> Result<(), StoreError> {
    if let Purpose::Revoke { .. } = purpose {
        let again = sqlx::query(sql::REQUEUE_REVOCATIONS).bind(transaction.0);
        return run(connection, again).await.map(drop);
    }
    let id = purpose.batch();
    let (batch, _) = batch(connection, id).await?;
    batch.requeued()?;
    let changed = run(connection, sqlx::query(sql::BATCH_REQUEUED).bind(id.0)).await?;
    guards::affected(changed, 1, "requeued batch")
}

#[async_trait::async_trait]
impl Signing for SqliteStore {
    async fn signer(
        &self,
        chain_id: u64,
        address: Address,
        base_nonce: u64,
        now: Timestamp,
    ) -> Result<Signer, StoreError> {
        let chain = bindable(chain_id, "chain id")?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let insert = sqlx::query(sql::INSERT_SIGNER)
            .bind(chain)
            .bind(address.0.to_vec())
            .bind(bindable(base_nonce, "nonce")?);
        let is_new = run(&mut tx, insert).await? == 1;
        let select = sqlx::query(sql::SIGNER_BY_ADDRESS).bind(chain).bind(address.0.to_vec());
        let signer = one(&mut tx, select, rows::signer).await?;
        if is_new {
            let subject = audit_log::signer_subject(&signer);
            note(&mut tx, now, ADMINISTRATOR, "signer.add", &subject).await?;
        }
        tx.commit().await.map_err(stored)?;
        Ok(signer)
    }

    async fn lease(
        &self,
        signer: SignerId,
        holder: &str,
        now: Timestamp,
        ttl_ms: i64,
    ) -> Result<Option<Lease>, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::TAKE_LEASE)
            .bind(signer.0)
            .bind(holder.to_owned())
            .bind(now.millis())
            .bind(now.plus_millis(ttl_ms).millis());
        let epoch = maybe(&mut tx, query, |row| rows::count(row, "epoch")).await?;
        tx.commit().await.map_err(stored)?;
        Ok(epoch.map(|epoch| Lease { signer, epoch }))
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::RELEASE_LEASE).bind(lease.signer.0).bind(lease.epoch);
        // no row: somebody else has it already, which is as good
        run(&mut tx, query).await?;
        tx.commit().await.map_err(stored)
    }

    async fn signer_view(&self, signer: SignerId, limit: u32) -> Result<SignerView, StoreError> {
        let page = guards::page_size(limit)?;
        let mut view = self.files.snapshot().await?;
        let query = sqlx::query(sql::SIGNER_BY_ID).bind(signer.0);
        let signer = one(&mut view, query, rows::signer).await?;
        let chain = bindable(signer.chain_id, "chain id")?;
        let next_nonce = next_nonce(&mut view, signer.id).await?;
        let live = sqlx::query(sql::LIVE_TRANSACTIONS).bind(signer.id.0).bind(page);
        let live = all(&mut view, live, rows::live_transaction).await?;
        let last = bindable(rows::last_nonce(&live), "nonce")?;
        let attempts = sqlx::query(sql::LIVE_ATTEMPTS).bind(signer.id.0).bind(last);
        let attempts = all(&mut view, attempts, rows::attempt).await?;
        let carried = sqlx::query(sql::LIVE_REVOCATIONS).bind(signer.id.0).bind(last);
        let carried = all(&mut view, carried, rows::carried_revocation).await?;
        let waiting = sqlx::query(sql::WAITING_BATCHES).bind(chain).bind(page);
        let waiting = all(&mut view, waiting, rows::waiting_batch).await?;
        // enough for as many full jobs
        let revocations = sqlx::query(sql::WAITING_REVOCATIONS)
            .bind(chain)
            .bind(page * i64::from(MAX_REVOKED_INDEXES));
        let revocations = all(&mut view, revocations, rows::waiting_revocation).await?;
        Ok(SignerView {
            signer,
            next_nonce,
            live: rows::assemble_live(live, attempts, carried),
            waiting,
            revocations: rows::assemble_jobs(&revocations, limit),
        })
    }

    async fn prepare(
        &self,
        lease: &Lease,
        transaction: &NewTransaction,
    ) -> Result<TransactionId, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        hold(&mut tx, lease).await?;
        let next = next_nonce(&mut tx, lease.signer).await?;
        let (batch, stream) = batch(&mut tx, transaction.purpose.batch()).await?;
        guards::prepare(transaction, next, &batch, &stream)?;
        let insert = sqlx::query(sql::INSERT_TX)
            .bind(lease.signer.0)
            .bind(bindable(transaction.nonce, "nonce")?)
            .bind(batch.id.0)
            .bind(transaction.purpose.name());
        let id = TransactionId(one(&mut tx, insert, |row| rows::count(row, "id")).await?);
        insert_attempt(&mut tx, id, &transaction.attempt).await?;
        if let Purpose::Anchor { .. } | Purpose::Mint { .. } = transaction.purpose {
            let update = sqlx::query(sql::BATCH_IN_FLIGHT).bind(batch.id.0);
            guards::affected(run(&mut tx, update).await?, 1, "batch in flight")?;
            if matches!(batch.state, BatchState::Blocked { .. }) {
                let actor = format!("signer {}", lease.signer);
                let (at, subject) = (transaction.attempt.created_at, format!("batch {}", batch.id));
                note(&mut tx, at, &actor, "batch.unblocked", &subject).await?;
            }
        }
        for position in &transaction.revoked {
            let assign = sqlx::query(sql::ASSIGN_REVOCATION)
                .bind(id.0)
                .bind(position.as_i64())
                .bind(batch.first.as_i64())
                .bind(batch.end.as_i64());
            guards::affected(run(&mut tx, assign).await?, 1, "waiting revocation")?;
        }
        tx.commit().await.map_err(stored)?;
        Ok(id)
    }

    async fn block(
        &self,
        lease: &Lease,
        id: BatchId,
        reason: BlockedReason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        hold(&mut tx, lease).await?;
        let (batch, _) = batch(&mut tx, id).await?;
        let before = batch.state;
        batch.blocked(reason, now)?;
        let update =
            sqlx::query(sql::BLOCK_BATCH).bind(id.0).bind(reason.name()).bind(now.millis());
        guards::affected(run(&mut tx, update).await?, 1, "blocked batch")?;
        if let Some(action) = audit_log::blocked_action(&before, reason) {
            let (actor, subject) = (format!("signer {}", lease.signer), format!("batch {id}"));
            note(&mut tx, now, &actor, &action, &subject).await?;
        }
        tx.commit().await.map_err(stored)
    }

    async fn split(&self, id: BatchId, at: Position, now: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        split(&mut tx, id, at, now).await?;
        tx.commit().await.map_err(stored)
    }

    async fn bump(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        hold(&mut tx, lease).await?;
        live(&mut tx, lease, transaction).await?;
        let last = sqlx::query(sql::LAST_FEES).bind(transaction.0);
        guards::bump(one(&mut tx, last, rows::fees).await?, attempt)?;
        insert_attempt(&mut tx, transaction, attempt).await?;
        tx.commit().await.map_err(stored)
    }

    async fn observe(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        observation: &Observation,
    ) -> Result<(), StoreError> {
        let inclusion = match &observation.effect {
            Effect::Present { inclusion } => Some(inclusion),
            Effect::Pending | Effect::Burned => None,
        };
        let block = inclusion.map(|it| bindable(it.block_number, "block number")).transpose()?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        hold(&mut tx, lease).await?;
        live(&mut tx, lease, transaction).await?;
        let query = sqlx::query(sql::OBSERVE)
            .bind(transaction.0)
            .bind(bindable(observation.at.number, "block number")?)
            .bind(observation.at.hash.0.to_vec())
            .bind(observation.effect.name())
            .bind(observation.observed_at.millis())
            .bind(inclusion.and_then(|it| it.transaction).map(|hash| hash.0.to_vec()))
            .bind(block)
            .bind(inclusion.map(|it| it.block_hash.0.to_vec()))
            .bind(inclusion.map(|it| it.block_time.millis()));
        guards::affected(run(&mut tx, query).await?, 1, "observation")?;
        tx.commit().await.map_err(stored)
    }

    async fn conclude(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        conclusion: &Conclusion,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, reason) = match conclusion {
            Conclusion::Confirmed { .. } => ("confirmed", None),
            Conclusion::Burned { reason } => ("burned", Some(reason.name())),
        };
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        hold(&mut tx, lease).await?;
        let purpose = live(&mut tx, lease, transaction).await?;
        let end = sqlx::query(sql::END_TRANSACTION).bind(transaction.0).bind(state).bind(reason);
        guards::affected(run(&mut tx, end).await?, 1, "ended transaction")?;
        match conclusion {
            Conclusion::Confirmed { inclusion } => {
                confirm(&mut tx, purpose, transaction, inclusion, now).await?;
            }
            Conclusion::Burned { .. } => requeue(&mut tx, purpose, transaction).await?,
        }
        let actor = format!("signer {}", lease.signer);
        let subject = format!("batch {}", purpose.batch());
        note(&mut tx, now, &actor, &format!("{}.{state}", purpose.name()), &subject).await?;
        tx.commit().await.map_err(stored)
    }
}
