//! The embedded migrations.

use std::path::Path;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection, SqliteConnection};
use store::StoreError;
use store::rows::Row;
use store::schema::Migration;

use crate::error::stored;
use crate::files::{FileLock, connect, create};
use crate::rows;

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

pub(crate) async fn migrate(path: &Path) -> Result<(), StoreError> {
    let _lock = FileLock::take(path)?;
    create(path)?;
    let mut connection = connect(path).await?;
    MIGRATOR.run(&mut connection).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => stored(error),
        // missing, altered or half-applied migrations
        other => StoreError::Schema(other.to_string()),
    })?;
    connection.close().await.map_err(stored)
}

/// Refuses any schema but this program's.
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let table = "SELECT COUNT(*) AS tables FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    let tables: u64 =
        rows::one(connection, sqlx::query(table), |row| store::rows::count(row, "tables")).await?;
    let mut applied = Vec::new();
    if tables > 0 {
        let list = "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version";
        applied = rows::all(connection, sqlx::query(list), |row| {
            let version = store::rows::count(row, "version")?;
            Ok(Migration { version, checksum: row.bytes("checksum")?.unwrap_or_default() })
        })
        .await?;
    }
    let own = |it: &sqlx::migrate::Migration| Migration {
        version: it.version,
        checksum: it.checksum.to_vec(),
    };
    store::schema::check(&applied, &MIGRATOR.iter().map(own).collect::<Vec<_>>())
}
