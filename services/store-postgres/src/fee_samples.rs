//! What the chain asked for lately.

use domain::{FeeSample, StreamKind};
use proof::Timestamp;
use store::rows::bindable;
use store::{FeeSamples, MAX_FEE_SAMPLES, StoreError, rows, sql};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::row::{all, change, one};

#[async_trait::async_trait]
impl FeeSamples for PostgresStore {
    async fn record_fee(&self, chain_id: u64, sample: FeeSample) -> Result<bool, StoreError> {
        let sample = sample.clamped();
        let statement = sqlx::query(sql::INSERT_FEE_SAMPLE)
            .bind(bindable(chain_id, "chain id")?)
            .bind(sample.slot())
            .bind(sample.at.millis())
            .bind(rows::bindable_base_fee(sample)?);
        Ok(change(statement, &self.pool).await.map_err(Failure::Database)? == 1)
    }

    async fn fee_samples(
        &self,
        chain_id: u64,
        since: Timestamp,
    ) -> Result<Vec<FeeSample>, StoreError> {
        let since = FeeSample { at: since, base_fee: 0 };
        let statement = sqlx::query(sql::FEE_SAMPLES)
            .bind(bindable(chain_id, "chain id")?)
            .bind(since.slot())
            .bind(i64::from(MAX_FEE_SAMPLES));
        Ok(all(statement, &self.pool, rows::fee_sample).await?)
    }

    async fn prune_fees(&self, chain_id: u64, before: Timestamp) -> Result<u64, StoreError> {
        let before = FeeSample { at: before, base_fee: 0 };
        let statement = sqlx::query(sql::DELETE_FEE_SAMPLES)
            .bind(bindable(chain_id, "chain id")?)
            .bind(before.slot());
        Ok(change(statement, &self.pool).await.map_err(Failure::Database)?)
    }

    async fn last_first_send(
        &self,
        chain_id: u64,
        kind: StreamKind,
    ) -> Result<Option<Timestamp>, StoreError> {
        let statement = sqlx::query(sql::LAST_FIRST_SEND)
            .bind(bindable(chain_id, "chain id")?)
            .bind(kind.name());
        Ok(one(statement, &self.pool, rows::first_send).await?)
    }
}
