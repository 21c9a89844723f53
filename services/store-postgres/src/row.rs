//! Rows as `store::rows` reads them.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Column as _, PgExecutor, Postgres, Row as _, TypeInfo as _};
use store::StoreError;
use store::rows::Row;

use crate::failure::Failure;

/// One row of a result.
pub(crate) struct Fetched(PgRow);

/// A statement with its parameters.
pub(crate) type Statement<'q> = Query<'q, Postgres, PgArguments>;

fn corrupt(error: &sqlx::Error) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

impl Row for Fetched {
    fn integer(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        let kind = self.0.try_column(column).map_err(|error| corrupt(&error))?.type_info().name();
        let value = match kind {
            "INT2" => self.0.try_get::<Option<i16>, _>(column).map(|it| it.map(i64::from)),
            "INT4" => self.0.try_get::<Option<i32>, _>(column).map(|it| it.map(i64::from)),
            _ => self.0.try_get(column),
        };
        value.map_err(|error| corrupt(&error))
    }

    fn text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.0.try_get(column).map_err(|error| corrupt(&error))
    }

    fn bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.try_get(column).map_err(|error| corrupt(&error))
    }
}

/// All rows, unread.
pub(crate) async fn fetch(
    statement: Statement<'_>,
    executor: impl PgExecutor<'_>,
) -> Result<Vec<Fetched>, sqlx::Error> {
    let rows = statement.fetch_all(executor).await?;
    Ok(rows.into_iter().map(Fetched).collect())
}

/// All rows, each read by `read`.
pub(crate) async fn all<T>(
    statement: Statement<'_>,
    executor: impl PgExecutor<'_>,
    read: impl Fn(&Fetched) -> Result<T, StoreError>,
) -> Result<Vec<T>, Failure> {
    let rows = fetch(statement, executor).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// The first row, if there is one.
pub(crate) async fn first<T>(
    statement: Statement<'_>,
    executor: impl PgExecutor<'_>,
    read: impl Fn(&Fetched) -> Result<T, StoreError>,
) -> Result<Option<T>, Failure> {
    let row = statement.fetch_optional(executor).await?.map(Fetched);
    Ok(row.as_ref().map(read).transpose()?)
}

/// The one row.
pub(crate) async fn one<T>(
    statement: Statement<'_>,
    executor: impl PgExecutor<'_>,
    read: impl Fn(&Fetched) -> Result<T, StoreError>,
) -> Result<T, Failure> {
    Ok(first(statement, executor, read).await?.ok_or(StoreError::NotFound)?)
}

/// Runs a statement that returns nothing; how many rows it changed.
pub(crate) async fn change(
    statement: Statement<'_>,
    executor: impl PgExecutor<'_>,
) -> Result<u64, sqlx::Error> {
    Ok(statement.execute(executor).await?.rows_affected())
}
