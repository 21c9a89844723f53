//! Halts, and transactions that are live again.

use domain::{Block, Purpose, SignerId, TransactionId};
use proof::Timestamp;
use sqlx::PgConnection;
use store::rows::{self, bindable};
use store::{ConfirmedAt, Halt, HaltReason, Halting, Lease, StoreError, guards, sql};

use crate::PostgresStore;
use crate::administration::note;
use crate::failure::Failure;
use crate::row::{all, change, first};
use crate::sealing::lock_batch;
use crate::signing::hold;
use crate::sql as dialect;
use crate::transaction::{WRITE, transaction};

#[async_trait::async_trait]
impl Halting for PostgresStore {
    async fn halts(&self, chain_id: u64) -> Result<Vec<Halt>, StoreError> {
        let statement = sqlx::query(sql::HALTS).bind(bindable(chain_id, "chain id")?);
        Ok(all(statement, &self.pool, rows::halt).await?)
    }

    async fn halt(&self, halt: &Halt) -> Result<bool, StoreError> {
        transaction!(self, WRITE, |tx| record(tx, halt))
    }

    async fn resume(
        &self,
        chain_id: u64,
        reason: HaltReason,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        transaction!(self, WRITE, |tx| resume(tx, chain_id, reason, now))
    }

    async fn final_block(&self, chain_id: u64) -> Result<Option<Block>, StoreError> {
        let statement = sqlx::query(sql::FINAL_BLOCK).bind(bindable(chain_id, "chain id")?);
        Ok(first(statement, &self.pool, rows::block).await?)
    }

    async fn note_final(
        &self,
        chain_id: u64,
        block: Block,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = sqlx::query(sql::NOTE_FINAL)
            .bind(bindable(chain_id, "chain id")?)
            .bind(bindable(block.number, "block number")?)
            .bind(block.hash.0)
            .bind(now.millis());
        change(statement, &self.pool).await.map_err(Failure::Database)?;
        Ok(())
    }

    async fn confirmed_below(
        &self,
        signer: SignerId,
        nonce: u64,
        limit: u32,
    ) -> Result<Vec<ConfirmedAt>, StoreError> {
        let statement = sqlx::query(sql::CONFIRMED_BELOW)
            .bind(signer.0)
            .bind(i64::try_from(nonce).unwrap_or(i64::MAX))
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::confirmed_at).await?)
    }

    async fn reopen(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| reopen(tx, lease, transaction, now))
    }
}

async fn record(tx: &mut PgConnection, halt: &Halt) -> Result<bool, Failure> {
    let block = match halt.reason {
        HaltReason::Finality { number } => Some(bindable(number, "block number")?),
        HaltReason::Restored | HaltReason::Nonces => None,
    };
    let insert = sqlx::query(sql::INSERT_HALT)
        .bind(bindable(halt.chain_id, "chain id")?)
        .bind(halt.reason.name())
        .bind(halt.since.millis())
        .bind(&halt.detail)
        .bind(block);
    if change(insert, &mut *tx).await? == 0 {
        return Ok(false);
    }
    let action = format!("halt.{}", halt.reason.name());
    note(tx, halt.since, "worker", &action, &format!("chain {}", halt.chain_id)).await?;
    Ok(true)
}

async fn resume(
    tx: &mut PgConnection,
    chain_id: u64,
    reason: HaltReason,
    now: Timestamp,
) -> Result<bool, Failure> {
    let chain = bindable(chain_id, "chain id")?;
    let delete = sqlx::query(sql::DELETE_HALT).bind(chain).bind(reason.name());
    if change(delete, &mut *tx).await? == 0 {
        return Ok(false);
    }
    let action = format!("resume.{}", reason.name());
    note(tx, now, "worker", &action, &format!("chain {chain_id}")).await?;
    Ok(true)
}

async fn reopen(
    tx: &mut PgConnection,
    lease: &Lease,
    transaction: TransactionId,
    now: Timestamp,
) -> Result<(), Failure> {
    hold(tx, lease).await?;
    let statement =
        sqlx::query(dialect::LOCK_TRANSACTION_OF_SIGNER).bind(transaction.0).bind(lease.signer.0);
    let purpose = guards::ended(first(statement, &mut *tx, rows::owned_transaction).await?)?;
    let reopened = change(sqlx::query(sql::REOPEN_TX).bind(transaction.0), &mut *tx).await?;
    guards::affected(reopened, 1, "reopened transaction")?;
    change(sqlx::query(sql::FORGET_OBSERVATION).bind(transaction.0), &mut *tx).await?;
    if let Purpose::Revoke { .. } = purpose {
        change(sqlx::query(sql::REOPEN_REVOCATIONS).bind(transaction.0), &mut *tx).await?;
    } else {
        lock_batch(tx, purpose.batch()).await?;
        let flying = sqlx::query(sql::REOPEN_BATCH).bind(purpose.batch().0);
        guards::affected(change(flying, &mut *tx).await?, 1, "reopened batch")?;
    }
    let (actor, action) =
        (format!("signer {}", lease.signer), format!("{}.reopened", purpose.name()));
    note(tx, now, &actor, &action, &format!("batch {}", purpose.batch())).await
}
