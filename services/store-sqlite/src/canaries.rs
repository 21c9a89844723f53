//! The service's own badges.

use domain::{Canary, Position, canary_is_due};
use proof::{Hash, Timestamp};
use store::rows::bindable;
use store::{Canaries, StoreError, guards, rows, sql};

use crate::SqliteStore;
use crate::error::stored;
use crate::rows::{all, maybe, one, run};

#[async_trait::async_trait]
impl Canaries for SqliteStore {
    async fn begin_canary(
        &self,
        chain_id: u64,
        digest: Hash,
        now: Timestamp,
        interval_ms: i64,
        company: bool,
    ) -> Result<Option<Canary>, StoreError> {
        let chain = bindable(chain_id, "chain id")?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let pulse = maybe(&mut tx, sqlx::query(sql::PULSE).bind(chain), rows::pulse).await?;
        let Some((pulse, _)) = pulse else { return Ok(None) };
        let last = sqlx::query(sql::LAST_CANARY_TIME).bind(chain);
        let last = one(&mut tx, last, |row| rows::maybe_time(row, "begun_at")).await?;
        if !canary_is_due(now, last.unwrap_or(pulse.since), interval_ms, company) {
            return Ok(None);
        }
        let insert =
            sqlx::query(sql::INSERT_CANARY).bind(chain).bind(digest.0.to_vec()).bind(now.millis());
        let id = one(&mut tx, insert, |row| rows::count(row, "id")).await?;
        tx.commit().await.map_err(stored)?;
        let canary =
            Canary { id, chain_id, digest, begun_at: now, position: None, verified_at: None };
        Ok(Some(canary))
    }

    async fn pending_canaries(&self, chain_id: u64, limit: u32) -> Result<Vec<Canary>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::PENDING_CANARIES)
            .bind(bindable(chain_id, "chain id")?)
            .bind(guards::page_size(limit)?);
        all(&mut reader, query, rows::canary).await
    }

    async fn last_canary(&self, chain_id: u64) -> Result<Option<Canary>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::LAST_VERIFIED_CANARY).bind(bindable(chain_id, "chain id")?);
        maybe(&mut reader, query, rows::canary).await
    }

    async fn canary_accepted(&self, id: i64, position: Position) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::CANARY_ACCEPTED).bind(id).bind(position.as_i64());
        run(&mut tx, query).await?;
        tx.commit().await.map_err(stored)
    }

    async fn canary_verified(&self, id: i64, at: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        run(&mut tx, sqlx::query(sql::CANARY_VERIFIED).bind(id).bind(at.millis())).await?;
        tx.commit().await.map_err(stored)
    }
}
