//! Store on PostgreSQL, or an engine that speaks its protocol and dialect.
//!
//! No session state is relied on (no session locks, no `SET`), so that any pooler may stand between.

mod accounts;
mod administration;
mod audit;
mod audit_log;
mod canaries;
mod failure;
mod fee_samples;
mod following;
mod halting;
mod idempotency;
mod intake;
mod lookup;
mod minting;
mod promises;
mod restoring;
mod row;
mod schema;
mod sealing;
mod signing;
mod spending;
mod splitting;
mod sql;
mod transaction;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use store::{Store, StoreError, TimeSource};

use crate::failure::Failure;

/// How the database is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Most connections of this process.
    pub max_connections: u32,
    /// How long a call waits for a free connection before it fails.
    pub acquire_timeout: Duration,
    /// Prepared statements kept per connection; 0 behind a pooler that does not track them.
    pub statement_cache: usize,
    /// Whose time a lease runs by.
    pub time: TimeSource,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            max_connections: 16,
            acquire_timeout: Duration::from_secs(5),
            statement_cache: 200,
            time: TimeSource::Database,
        }
    }
}

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: PgPool,
    time: TimeSource,
}

/// What a connection is opened with. No start-up parameter is sent that poolers refuse.
fn connect_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(Failure::Database)?;
    Ok(options.application_name("ingam").extra_float_digits(None))
}

impl PostgresStore {
    /// Connects to a migrated database.
    ///
    /// # Errors
    /// `Schema` unless it has this program's schema; `Unavailable` when it does not answer or the
    /// URL is none.
    pub async fn connect(url: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        let connect = connect_options(url)?.statement_cache_capacity(options.statement_cache);
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .connect_with(connect)
            .await
            .map_err(Failure::Database)?;
        let store = Self { pool, time: options.time };
        store.ready().await?;
        Ok(store)
    }

    /// Settings of the server under which what it has committed can be lost, as `name = value`: the
    /// first by the end of a process, the others by that of the machine.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn settings_that_lose_commits(&self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT name, setting FROM pg_settings \
             WHERE name IN ('synchronous_commit', 'fsync', 'full_page_writes') AND setting = 'off' \
             ORDER BY name DESC",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(Failure::Database)?;
        Ok(rows.into_iter().map(|(name, setting)| format!("{name} = {setting}")).collect())
    }

    /// Brings an empty or older database to this program's schema. Of two at the same time one
    /// fails, and a repeat finds the work done.
    ///
    /// # Errors
    /// `Schema` when the database has migrations that this program does not know; `Unavailable`.
    pub async fn migrate(url: &str) -> Result<(), StoreError> {
        schema::migrate(connect_options(url)?).await
    }
}

#[async_trait::async_trait]
impl Store for PostgresStore {
    async fn ready(&self) -> Result<(), StoreError> {
        schema::check(&self.pool).await
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
