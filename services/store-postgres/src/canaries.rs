//! The service's own badges.

use domain::{Canary, Position, canary_is_due};
use proof::{Hash, Timestamp};
use sqlx::PgConnection;
use store::rows::bindable;
use store::{Canaries, StoreError, guards, rows, sql};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::row::{all, change, first, one};
use crate::sql as dialect;
use crate::transaction::{WRITE, transaction};

#[async_trait::async_trait]
impl Canaries for PostgresStore {
    async fn begin_canary(
        &self,
        chain_id: u64,
        digest: Hash,
        now: Timestamp,
        interval_ms: i64,
        company: bool,
    ) -> Result<Option<Canary>, StoreError> {
        let canary =
            Canary { id: 0, chain_id, digest, begun_at: now, position: None, verified_at: None };
        transaction!(self, WRITE, |tx| begin_canary(tx, canary, interval_ms, company))
    }

    async fn pending_canaries(&self, chain_id: u64, limit: u32) -> Result<Vec<Canary>, StoreError> {
        let statement = sqlx::query(sql::PENDING_CANARIES)
            .bind(bindable(chain_id, "chain id")?)
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::canary).await?)
    }

    async fn last_canary(&self, chain_id: u64) -> Result<Option<Canary>, StoreError> {
        let statement =
            sqlx::query(sql::LAST_VERIFIED_CANARY).bind(bindable(chain_id, "chain id")?);
        Ok(first(statement, &self.pool, rows::canary).await?)
    }

    async fn canary_accepted(&self, id: i64, position: Position) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| async {
            let statement = sqlx::query(sql::CANARY_ACCEPTED).bind(id).bind(position.as_i64());
            change(statement, tx).await?;
            Ok::<_, Failure>(())
        })
    }

    async fn canary_verified(&self, id: i64, at: Timestamp) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| async {
            change(sqlx::query(sql::CANARY_VERIFIED).bind(id).bind(at.millis()), tx).await?;
            Ok::<_, Failure>(())
        })
    }
}

async fn begin_canary(
    tx: &mut PgConnection,
    mut canary: Canary,
    interval_ms: i64,
    company: bool,
) -> Result<Option<Canary>, Failure> {
    let chain = bindable(canary.chain_id, "chain id")?;
    // whoever holds it is the only one to begin a canary of the chain
    let pulse = first(sqlx::query(dialect::LOCK_PULSE).bind(chain), &mut *tx, rows::pulse).await?;
    let Some((pulse, _)) = pulse else { return Ok(None) };
    let last = sqlx::query(sql::LAST_CANARY_TIME).bind(chain);
    let last = one(last, &mut *tx, |row| rows::maybe_time(row, "begun_at")).await?;
    if !canary_is_due(canary.begun_at, last.unwrap_or(pulse.since), interval_ms, company) {
        return Ok(None);
    }
    let insert = sqlx::query(sql::INSERT_CANARY)
        .bind(chain)
        .bind(canary.digest.0)
        .bind(canary.begun_at.millis());
    canary.id = one(insert, tx, |row| rows::count(row, "id")).await?;
    Ok(Some(canary))
}
