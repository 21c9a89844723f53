//! The database that the configuration names.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use store::Store;
use store_postgres::{PostgresOptions, PostgresStore};
use store_sqlite::{SqliteOptions, SqliteStore};

use crate::config::{DatabaseConfig, DatabaseUrl};

/// Opens it. An embedded database is opened by one process at a time.
///
/// # Errors
/// It cannot be reached, another process has it, or its schema is not this program's.
pub(crate) async fn open(config: &DatabaseConfig) -> anyhow::Result<Arc<dyn Store>> {
    let opened: Result<Arc<dyn Store>, _> = match &config.url {
        DatabaseUrl::Sqlite(path) => SqliteStore::open(path, SqliteOptions::default())
            .await
            .map(|store| Arc::new(store) as Arc<dyn Store>),
        DatabaseUrl::Postgres(url) => {
            let max_connections = config.max_connections;
            let options = PostgresOptions { max_connections, ..PostgresOptions::default() };
            let store = PostgresStore::connect(url, options).await;
            if let Ok(store) = &store {
                check_durability(store).await?;
            }
            store.map(|store| Arc::new(store) as Arc<dyn Store>)
        }
    };
    opened.with_context(|| format!("cannot open the database {}", config.url))
}

/// A receipt is signed once the badge is committed, so a commit must last.
async fn check_durability(store: &PostgresStore) -> anyhow::Result<()> {
    for setting in store.settings_that_lose_commits().await? {
        ensure!(
            !setting.starts_with("synchronous_commit"),
            "the database forgets what it has committed when it is killed: {setting}; set \
             synchronous_commit = on, for example with ALTER DATABASE … SET synchronous_commit = on"
        );
        tracing::warn!(setting, "the database forgets commits when its machine fails");
    }
    Ok(())
}

/// Applies all migrations.
///
/// # Errors
/// As [`open`], or the schema is newer than this program.
pub(crate) async fn migrate(config: &DatabaseConfig) -> anyhow::Result<()> {
    let done = match &config.url {
        DatabaseUrl::Sqlite(path) => SqliteStore::migrate(path).await,
        DatabaseUrl::Postgres(url) => PostgresStore::migrate(url).await,
    };
    done.with_context(|| format!("cannot migrate the database {}", config.url))
}
