//! SQLite's rows as [`store::rows`] reads them, and how statements are run.

use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Executor, Row as _, Sqlite, query::Query};
use store::StoreError;
use store::rows::Row;

use crate::error::stored;

/// One row.
pub(crate) struct Columns(SqliteRow);

impl Row for Columns {
    fn integer(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.0.try_get(column).map_err(stored)
    }

    fn text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.0.try_get(column).map_err(stored)
    }

    fn bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.try_get(column).map_err(stored)
    }
}

type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// All rows of a statement, read by `read`.
pub(crate) async fn all<T>(
    connection: &mut SqliteConnection,
    statement: Statement<'_>,
    read: impl Fn(&Columns) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let rows = connection.fetch_all(statement).await.map_err(stored)?;
    rows.into_iter().map(|row| read(&Columns(row))).collect()
}

/// The row of a statement that gives at most one.
pub(crate) async fn maybe<T>(
    connection: &mut SqliteConnection,
    statement: Statement<'_>,
    read: impl Fn(&Columns) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let row = connection.fetch_optional(statement).await.map_err(stored)?;
    row.map(|row| read(&Columns(row))).transpose()
}

/// The row of a statement that names something by its key.
///
/// # Errors
/// `NotFound` when there is none.
pub(crate) async fn one<T>(
    connection: &mut SqliteConnection,
    statement: Statement<'_>,
    read: impl Fn(&Columns) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    maybe(connection, statement, read).await?.ok_or(StoreError::NotFound)
}

/// Runs a statement that gives no rows; how many it changed.
pub(crate) async fn run(
    connection: &mut SqliteConnection,
    statement: Statement<'_>,
) -> Result<u64, StoreError> {
    let done = connection.execute(statement).await.map_err(stored)?;
    Ok(done.rows_affected())
}
