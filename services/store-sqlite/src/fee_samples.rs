//! What the chain asked for lately.

use domain::{FeeSample, StreamKind};
use proof::Timestamp;
use store::rows::bindable;
use store::{FeeSamples, MAX_FEE_SAMPLES, StoreError, rows, sql};

use crate::SqliteStore;
use crate::error::stored;
use crate::rows::{all, one, run};

#[async_trait::async_trait]
impl FeeSamples for SqliteStore {
    async fn record_fee(&self, chain_id: u64, sample: FeeSample) -> Result<bool, StoreError> {
        let sample = sample.clamped();
        let query = sqlx::query(sql::INSERT_FEE_SAMPLE)
            .bind(bindable(chain_id, "chain id")?)
            .bind(sample.slot())
            .bind(sample.at.millis())
            .bind(rows::bindable_base_fee(sample)?);
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let inserted = run(&mut tx, query).await? == 1;
        tx.commit().await.map_err(stored)?;
        Ok(inserted)
    }

    async fn fee_samples(
        &self,
        chain_id: u64,
        since: Timestamp,
    ) -> Result<Vec<FeeSample>, StoreError> {
        let since = FeeSample { at: since, base_fee: 0 };
        let query = sqlx::query(sql::FEE_SAMPLES)
            .bind(bindable(chain_id, "chain id")?)
            .bind(since.slot())
            .bind(MAX_FEE_SAMPLES);
        let mut reader = self.files.reader().await?;
        all(&mut reader, query, rows::fee_sample).await
    }

    async fn prune_fees(&self, chain_id: u64, before: Timestamp) -> Result<u64, StoreError> {
        let before = FeeSample { at: before, base_fee: 0 };
        let query = sqlx::query(sql::DELETE_FEE_SAMPLES)
            .bind(bindable(chain_id, "chain id")?)
            .bind(before.slot());
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let deleted = run(&mut tx, query).await?;
        tx.commit().await.map_err(stored)?;
        Ok(deleted)
    }

    async fn last_first_send(
        &self,
        chain_id: u64,
        kind: StreamKind,
    ) -> Result<Option<Timestamp>, StoreError> {
        let query = sqlx::query(sql::LAST_FIRST_SEND)
            .bind(bindable(chain_id, "chain id")?)
            .bind(kind.name());
        let mut reader = self.files.reader().await?;
        one(&mut reader, query, rows::first_send).await
    }
}
