//! Store on embedded SQLite.
//!
//! One process owns the file: a lock beside it refuses a second one. Writers share one connection
//! (`BEGIN IMMEDIATE`, write-ahead log, `synchronous=FULL`: what is committed survives a power
//! loss); readers have a pool of their own and never wait for them.
#![warn(missing_docs)]

mod administration;
mod audit;
mod audit_log;
mod canaries;
mod error;
mod fee_samples;
mod files;
mod following;
mod halting;
mod idempotency;
mod intake;
mod lookup;
mod minting;
mod promises;
mod restoring;
mod rows;
mod schema;
mod sealing;
mod signing;
mod spending;
mod splitting;

use std::path::Path;
use std::sync::Arc;

use store::{Store, StoreError};

use crate::files::Files;

/// How the store treats its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Size of the write-ahead log, in bytes, above which it is copied into the database.
    pub checkpoint_above: u64,
    /// Size of the write-ahead log, in bytes, above which intake is refused until it is copied.
    pub refuse_above: u64,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { checkpoint_above: 64 << 20, refuse_above: 1 << 30 }
    }
}

/// The store. Leases run by the `now` of each call: one process, one clock.
#[derive(Clone)]
pub struct SqliteStore {
    files: Arc<Files>,
}

impl SqliteStore {
    /// Opens a database that [`SqliteStore::migrate`] made.
    ///
    /// # Errors
    /// `Schema` when it is missing, older or newer; `Unavailable` when another process has it.
    pub async fn open(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        Ok(Self { files: Arc::new(Files::open(path, options).await?) })
    }

    /// Creates the database if it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// `Schema` when it is newer or altered; `Unavailable` when another process has it.
    pub async fn migrate(path: &Path) -> Result<(), StoreError> {
        schema::migrate(path).await
    }
}

#[async_trait::async_trait]
impl Store for SqliteStore {
    async fn ready(&self) -> Result<(), StoreError> {
        schema::check(&mut *self.files.reader().await?).await
    }

    async fn close(&self) {
        self.files.close().await;
    }
}

#[cfg(test)]
mod tests;
