//! How the promise stands, and breaches.

use domain::{BreachRecord, Gate, Look, OverdueBatch, Pulse, Seen, Standing};
use proof::{BreachProof, Timestamp};
use sqlx::PgConnection;
use store::rows::{StandingParts, bindable};
use store::{OutboxEvent, Promises, RECENT_MS, StoreError, TimeSource, guards, rows, sql};

use crate::PostgresStore;
use crate::administration::note;
use crate::failure::Failure;
use crate::row::{all, change, first, one};
use crate::sql as dialect;
use crate::transaction::{READ, WRITE, order_ids, transaction};

async fn pulse(tx: &mut PgConnection, chain: i64) -> Result<Option<(Pulse, Gate)>, Failure> {
    first(sqlx::query(sql::PULSE).bind(chain), tx, rows::pulse).await
}

impl PostgresStore {
    /// The server's time, where leases run by it.
    async fn database_time(&self, tx: &mut PgConnection) -> Result<Option<Timestamp>, Failure> {
        match self.time {
            TimeSource::Clock => Ok(None),
            TimeSource::Database => {
                one(sqlx::query(dialect::NOW), tx, |row| rows::maybe_time(row, "now")).await
            }
        }
    }
}

#[async_trait::async_trait]
impl Promises for PostgresStore {
    async fn promised_chains(&self) -> Result<Vec<u64>, StoreError> {
        let statement = sqlx::query(sql::PROMISED_CHAINS);
        Ok(all(statement, &self.pool, |row| rows::count(row, "chain_id")).await?)
    }

    async fn standing(&self, chain_id: u64, now: Timestamp) -> Result<Standing, StoreError> {
        transaction!(self, READ, |tx| standing(self, tx, chain_id, now))
    }

    async fn look(
        &self,
        chain_id: u64,
        by_worker: bool,
        seen: Option<Seen>,
        now: Timestamp,
    ) -> Result<Pulse, StoreError> {
        transaction!(self, WRITE, |tx| look(self, tx, chain_id, by_worker, seen, now))
    }

    async fn set_gate(&self, chain_id: u64, was: Gate, gate: Gate) -> Result<bool, StoreError> {
        let (reason, since) = rows::gate_values(gate);
        let chain = bindable(chain_id, "chain id")?;
        let was = rows::gate_values(was).0.unwrap_or_default();
        transaction!(self, WRITE, |tx| async {
            let statement =
                sqlx::query(sql::SET_GATE).bind(chain).bind(reason).bind(since).bind(was);
            Ok::<_, Failure>(change(statement, tx).await? == 1)
        })
    }

    async fn overdue_batches(
        &self,
        chain_id: u64,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OverdueBatch>, StoreError> {
        let statement = sqlx::query(sql::OVERDUE_BATCHES)
            .bind(bindable(chain_id, "chain id")?)
            .bind(now.millis())
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::overdue_batch).await?)
    }

    async fn record_breach(
        &self,
        overdue: OverdueBatch,
        noticed_at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        transaction!(self, WRITE, |tx| record_breach(tx, overdue, noticed_at))
    }

    async fn unsigned_breaches(&self, limit: u32) -> Result<Vec<BreachRecord>, StoreError> {
        let statement = sqlx::query(sql::UNSIGNED_BREACHES).bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::breach).await?)
    }

    async fn sign_breach(&self, number: i64, proof: &BreachProof) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| async {
            let statement = sqlx::query(sql::SIGN_BREACH)
                .bind(number)
                .bind(proof.key_id.0)
                .bind(proof.signature.0);
            change(statement, tx).await?;
            Ok::<_, Failure>(())
        })
    }

    async fn end_breaches(&self, now: Timestamp) -> Result<Vec<i64>, StoreError> {
        transaction!(self, WRITE, |tx| async {
            let statement = sqlx::query(sql::END_BREACHES).bind(now.millis());
            all(statement, tx, |row| rows::count(row, "number")).await
        })
    }

    async fn breaches(&self, after: i64, limit: u32) -> Result<Vec<BreachRecord>, StoreError> {
        let statement = sqlx::query(sql::BREACHES).bind(after).bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::breach).await?)
    }
}

async fn standing(
    store: &PostgresStore,
    tx: &mut PgConnection,
    chain_id: u64,
    now: Timestamp,
) -> Result<Standing, Failure> {
    let chain = bindable(chain_id, "chain id")?;
    let database = store.database_time(&mut *tx).await?;
    let at = database.unwrap_or(now);
    let (pulse, gate) = pulse(&mut *tx, chain).await?.unzip();
    let clocks = rows::clocks(now, database, at, pulse.as_ref());
    let blocked = sqlx::query(sql::LONGEST_BLOCKED).bind(chain);
    let blocked = first(blocked, &mut *tx, rows::blocked).await?;
    let paces = all(sqlx::query(sql::RECENT_PACES).bind(chain), &mut *tx, rows::pace).await?;
    let paces = paces.into_iter().flatten().collect();
    let gate = gate.unwrap_or_default();
    let parts = StandingParts { chain_id, at, clocks, blocked, paces, pulse, gate };
    let statement = sqlx::query(sql::PROMISE_STANDING)
        .bind(chain)
        .bind(clocks.earliest().millis())
        .bind(clocks.latest().plus_millis(-domain::GRACE_MS).millis())
        .bind(clocks.latest().plus_millis(-RECENT_MS).millis());
    one(statement, tx, |row| rows::promise_standing(row, parts.clone())).await
}

async fn look(
    store: &PostgresStore,
    tx: &mut PgConnection,
    chain_id: u64,
    by_worker: bool,
    seen: Option<Seen>,
    now: Timestamp,
) -> Result<Pulse, Failure> {
    let chain = bindable(chain_id, "chain id")?;
    let earlier = sqlx::query(dialect::LOCK_PULSE).bind(chain);
    let earlier = first(earlier, &mut *tx, rows::pulse).await?.map(|(pulse, _)| pulse);
    // after the lock: looks are dated in the order in which they are added
    let at = store.database_time(&mut *tx).await?.unwrap_or(now);
    let pulse = Pulse::after(earlier, Look { at, by_worker, seen });
    let mut put = sqlx::query(sql::PUT_PULSE).bind(chain);
    for value in rows::pulse_values(&pulse)? {
        put = put.bind(value);
    }
    change(put, tx).await?;
    Ok(pulse)
}

async fn record_breach(
    tx: &mut PgConnection,
    overdue: OverdueBatch,
    noticed_at: Timestamp,
) -> Result<Option<i64>, Failure> {
    order_ids(&mut *tx, dialect::BREACH_NUMBERS).await?;
    let insert = sqlx::query(sql::INSERT_BREACH)
        .bind(overdue.batch.0)
        .bind(bindable(overdue.badges, "badges")?)
        .bind(overdue.deadline_at.millis())
        .bind(noticed_at.millis());
    let number = first(insert, &mut *tx, |row| rows::count(row, "number")).await?;
    let Some(number) = number else { return Ok(None) };
    order_ids(&mut *tx, dialect::OUTBOX_IDS).await?;
    let event = sqlx::query(sql::INSERT_OUTBOX)
        .bind(overdue.batch.0)
        .bind(OutboxEvent::PROMISE_OVERDUE)
        .bind(noticed_at.millis());
    change(event, &mut *tx).await?;
    let subject = format!("breach {number}, batch {}", overdue.batch);
    note(tx, noticed_at, "service", "promise.overdue", &subject).await?;
    Ok(Some(number))
}
