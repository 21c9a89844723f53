//! Halts, and transactions that are live again.

use domain::{Block, Purpose, SignerId, TransactionId};
use proof::Timestamp;
use store::rows::bindable;
use store::{ConfirmedAt, Halt, HaltReason, Halting, Lease, StoreError, guards, rows, sql};

use crate::SqliteStore;
use crate::administration::note;
use crate::error::stored;
use crate::rows::{all, maybe, run};
use crate::signing::hold;

#[async_trait::async_trait]
impl Halting for SqliteStore {
    async fn halts(&self, chain_id: u64) -> Result<Vec<Halt>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::HALTS).bind(bindable(chain_id, "chain id")?);
        all(&mut reader, query, rows::halt).await
    }

    async fn halt(&self, halt: &Halt) -> Result<bool, StoreError> {
        let block = match halt.reason {
            HaltReason::Finality { number } => Some(bindable(number, "block number")?),
            HaltReason::Restored | HaltReason::Nonces => None,
        };
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let insert = sqlx::query(sql::INSERT_HALT)
            .bind(bindable(halt.chain_id, "chain id")?)
            .bind(halt.reason.name())
            .bind(halt.since.millis())
            .bind(halt.detail.clone())
            .bind(block);
        if run(&mut tx, insert).await? == 0 {
            return Ok(false);
        }
        let action = format!("halt.{}", halt.reason.name());
        note(&mut tx, halt.since, "worker", &action, &format!("chain {}", halt.chain_id)).await?;
        tx.commit().await.map_err(stored)?;
        Ok(true)
    }

    async fn resume(
        &self,
        chain_id: u64,
        reason: HaltReason,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let delete =
            sqlx::query(sql::DELETE_HALT).bind(bindable(chain_id, "chain id")?).bind(reason.name());
        if run(&mut tx, delete).await? == 0 {
            return Ok(false);
        }
        let action = format!("resume.{}", reason.name());
        note(&mut tx, now, "worker", &action, &format!("chain {chain_id}")).await?;
        tx.commit().await.map_err(stored)?;
        Ok(true)
    }

    async fn final_block(&self, chain_id: u64) -> Result<Option<Block>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::FINAL_BLOCK).bind(bindable(chain_id, "chain id")?);
        maybe(&mut reader, query, rows::block).await
    }

    async fn note_final(
        &self,
        chain_id: u64,
        block: Block,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::NOTE_FINAL)
            .bind(bindable(chain_id, "chain id")?)
            .bind(bindable(block.number, "block number")?)
            .bind(block.hash.0.to_vec())
            .bind(now.millis());
        run(&mut tx, query).await?;
        tx.commit().await.map_err(stored)
    }

    async fn confirmed_below(
        &self,
        signer: SignerId,
        nonce: u64,
        limit: u32,
    ) -> Result<Vec<ConfirmedAt>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::CONFIRMED_BELOW)
            .bind(signer.0)
            .bind(i64::try_from(nonce).unwrap_or(i64::MAX))
            .bind(guards::page_size(limit)?);
        all(&mut reader, query, rows::confirmed_at).await
    }

    async fn reopen(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        hold(&mut tx, lease).await?;
        let query =
            sqlx::query(sql::TRANSACTION_OF_SIGNER).bind(transaction.0).bind(lease.signer.0);
        let purpose = guards::ended(maybe(&mut tx, query, rows::owned_transaction).await?)?;
        let reopened = run(&mut tx, sqlx::query(sql::REOPEN_TX).bind(transaction.0)).await?;
        guards::affected(reopened, 1, "reopened transaction")?;
        run(&mut tx, sqlx::query(sql::FORGET_OBSERVATION).bind(transaction.0)).await?;
        if let Purpose::Revoke { .. } = purpose {
            run(&mut tx, sqlx::query(sql::REOPEN_REVOCATIONS).bind(transaction.0)).await?;
        } else {
            let flying = sqlx::query(sql::REOPEN_BATCH).bind(purpose.batch().0);
            guards::affected(run(&mut tx, flying).await?, 1, "reopened batch")?;
        }
        let actor = format!("signer {}", lease.signer);
        let action = format!("{}.reopened", purpose.name());
        note(&mut tx, now, &actor, &action, &format!("batch {}", purpose.batch())).await?;
        tx.commit().await.map_err(stored)
    }
}
