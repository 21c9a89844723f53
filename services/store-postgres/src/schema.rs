//! The embedded migrations, and whether a database has them.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{ConnectOptions as _, Connection as _};
use store::StoreError;
use store::schema::Migration;

use crate::failure::{Failure, is_undefined_table};

/// Without the library's session lock: behind a pooler it might be released on another session.
fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!();
    migrator.set_locking(false);
    migrator
}

pub(crate) async fn migrate(options: PgConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await.map_err(Failure::Database)?;
    migrator().run(&mut connection).await.map_err(sorted)?;
    connection.close().await.map_err(Failure::Database)?;
    Ok(())
}

fn sorted(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            Failure::Database(error).into()
        }
        unknown => StoreError::Schema(unknown.to_string()),
    }
}

/// Compares what was applied with what is embedded.
pub(crate) async fn check(pool: &PgPool) -> Result<(), StoreError> {
    let statement = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
    let applied = match sqlx::query_as(statement).fetch_all(pool).await {
        Ok(rows) => rows,
        Err(error) if is_undefined_table(&error) => Vec::new(),
        Err(error) => return Err(Failure::Database(error).into()),
    };
    let applied: Vec<_> =
        applied.into_iter().map(|(version, checksum)| Migration { version, checksum }).collect();
    let own = |one: &sqlx::migrate::Migration| Migration {
        version: one.version,
        checksum: one.checksum.to_vec(),
    };
    let known: Vec<_> = migrator().iter().map(own).collect();
    store::schema::check(&applied, &known)
}
