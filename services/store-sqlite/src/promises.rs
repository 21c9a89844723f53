//! How the promise stands, and breaches.

use domain::{BreachRecord, Gate, Look, OverdueBatch, Pulse, Seen, Standing};
use proof::{BreachProof, Timestamp};
use sqlx::sqlite::SqliteConnection;
use store::rows::{StandingParts, bindable};
use store::{OutboxEvent, Promises, RECENT_MS, StoreError, guards, rows, sql};

use crate::SqliteStore;
use crate::administration::note;
use crate::error::stored;
use crate::rows::{all, maybe, one, run};

async fn pulse(
    connection: &mut SqliteConnection,
    chain: i64,
) -> Result<Option<(Pulse, Gate)>, StoreError> {
    maybe(connection, sqlx::query(sql::PULSE).bind(chain), rows::pulse).await
}

#[async_trait::async_trait]
impl Promises for SqliteStore {
    async fn promised_chains(&self) -> Result<Vec<u64>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::PROMISED_CHAINS);
        all(&mut reader, query, |row| rows::count(row, "chain_id")).await
    }

    async fn standing(&self, chain_id: u64, now: Timestamp) -> Result<Standing, StoreError> {
        let chain = bindable(chain_id, "chain id")?;
        let mut view = self.files.snapshot().await?;
        let (pulse, gate) = pulse(&mut view, chain).await?.unzip();
        let clocks = rows::clocks(now, None, now, pulse.as_ref());
        let blocked = sqlx::query(sql::LONGEST_BLOCKED).bind(chain);
        let blocked = maybe(&mut view, blocked, rows::blocked).await?;
        let paces = sqlx::query(sql::RECENT_PACES).bind(chain);
        let paces = all(&mut view, paces, rows::pace).await?.into_iter().flatten().collect();
        let gate = gate.unwrap_or_default();
        let parts = StandingParts { chain_id, at: now, clocks, blocked, paces, pulse, gate };
        let query = sqlx::query(sql::PROMISE_STANDING)
            .bind(chain)
            .bind(clocks.earliest().millis())
            .bind(clocks.latest().plus_millis(-domain::GRACE_MS).millis())
            .bind(clocks.latest().plus_millis(-RECENT_MS).millis());
        one(&mut view, query, |row| rows::promise_standing(row, parts.clone())).await
    }

    async fn look(
        &self,
        chain_id: u64,
        by_worker: bool,
        seen: Option<Seen>,
        now: Timestamp,
    ) -> Result<Pulse, StoreError> {
        let chain = bindable(chain_id, "chain id")?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let earlier = pulse(&mut tx, chain).await?.map(|(pulse, _)| pulse);
        let pulse = Pulse::after(earlier, Look { at: now, by_worker, seen });
        let mut put = sqlx::query(sql::PUT_PULSE).bind(chain);
        for value in rows::pulse_values(&pulse)? {
            put = put.bind(value);
        }
        run(&mut tx, put).await?;
        tx.commit().await.map_err(stored)?;
        Ok(pulse)
    }

    async fn set_gate(&self, chain_id: u64, was: Gate, gate: Gate) -> Result<bool, StoreError> {
        let (reason, since) = rows::gate_values(gate);
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::SET_GATE)
            .bind(bindable(chain_id, "chain id")?)
            .bind(reason)
            .bind(since)
            .bind(rows::gate_values(was).0.unwrap_or_default());
        let written = run(&mut tx, query).await? == 1;
        tx.commit().await.map_err(stored)?;
        Ok(written)
    }

    async fn overdue_batches(
        &self,
        chain_id: u64,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OverdueBatch>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::OVERDUE_BATCHES)
            .bind(bindable(chain_id, "chain id")?)
            .bind(now.millis())
            .bind(guards::page_size(limit)?);
        all(&mut reader, query, rows::overdue_batch).await
    }

    async fn record_breach(
        &self,
        overdue: OverdueBatch,
        noticed_at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let insert = sqlx::query(sql::INSERT_BREACH)
            .bind(overdue.batch.0)
            .bind(bindable(overdue.badges, "badges")?)
            .bind(overdue.deadline_at.millis())
            .bind(noticed_at.millis());
        let number = maybe(&mut tx, insert, |row| rows::count(row, "number")).await?;
        let Some(number) = number else { return Ok(None) };
        let event = sqlx::query(sql::INSERT_OUTBOX)
            .bind(overdue.batch.0)
            .bind(OutboxEvent::PROMISE_OVERDUE)
            .bind(noticed_at.millis());
        run(&mut tx, event).await?;
        let subject = format!("breach {number}, batch {}", overdue.batch);
        note(&mut tx, noticed_at, "service", "promise.overdue", &subject).await?;
        tx.commit().await.map_err(stored)?;
        Ok(Some(number))
    }

    async fn unsigned_breaches(&self, limit: u32) -> Result<Vec<BreachRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::UNSIGNED_BREACHES).bind(guards::page_size(limit)?);
        all(&mut reader, query, rows::breach).await
    }

    async fn sign_breach(&self, number: i64, proof: &BreachProof) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::SIGN_BREACH)
            .bind(number)
            .bind(proof.key_id.0.to_vec())
            .bind(proof.signature.0.to_vec());
        run(&mut tx, query).await?;
        tx.commit().await.map_err(stored)
    }

    async fn end_breaches(&self, now: Timestamp) -> Result<Vec<i64>, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::END_BREACHES).bind(now.millis());
        let ended = all(&mut tx, query, |row| rows::count(row, "number")).await?;
        tx.commit().await.map_err(stored)?;
        Ok(ended)
    }

    async fn breaches(&self, after: i64, limit: u32) -> Result<Vec<BreachRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::BREACHES).bind(after).bind(guards::page_size(limit)?);
        all(&mut reader, query, rows::breach).await
    }
}
