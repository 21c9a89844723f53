//! From the driver's errors to the store's.

use store::StoreError;

/// Primary result codes, <https://sqlite.org/rescode.html>.
mod code {
    pub(super) const ERROR: i32 = 1;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const NOTADB: i32 = 26;
}

/// What a failed statement means to the caller.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub(crate) fn stored(error: sqlx::Error) -> StoreError {
    let text = error.to_string();
    match &error {
        sqlx::Error::Database(failure) => {
            // the driver gives the extended code; its low byte is the primary one
            let extended = failure.code().and_then(|code| code.parse::<i32>().ok());
            match extended.map(|code| code & 0xff) {
                _ if failure.is_foreign_key_violation() => StoreError::NotFound,
                Some(code::CONSTRAINT) => StoreError::Conflict(text),
                Some(code::CORRUPT | code::NOTADB) => StoreError::Corrupt(text),
                Some(code::ERROR) => StoreError::Schema(text),
                // busy, locked, full, i/o, read-only, cannot open, out of memory
                _ => StoreError::Unavailable(text),
            }
        }
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::Decode(_)
        | sqlx::Error::TypeNotFound { .. } => StoreError::Corrupt(text),
        _ => StoreError::Unavailable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection, Executor, SqliteConnection};

    async fn fails(setup: &'static str, statement: &'static str) -> StoreError {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        connection.execute(setup).await.unwrap();
        stored(connection.execute(statement).await.unwrap_err())
    }

    #[tokio::test]
    async fn a_full_disk_is_not_a_conflict() {
        let table = "CREATE TABLE t (v BLOB CHECK (length(v) > 1)); PRAGMA max_page_count = 3";
        let full = fails(table, "INSERT INTO t VALUES (zeroblob(100000))").await;
        assert!(matches!(full, StoreError::Unavailable(_)), "{full}");
        let refused = fails(table, "INSERT INTO t VALUES (zeroblob(1))").await;
        assert!(matches!(refused, StoreError::Conflict(_)), "{refused}");
        let unknown = fails(table, "INSERT INTO u VALUES (1)").await;
        assert!(matches!(unknown, StoreError::Schema(_)), "{unknown}");
        let references = "CREATE TABLE p (id INTEGER PRIMARY KEY) STRICT;
            CREATE TABLE c (id INTEGER REFERENCES p (id)) STRICT";
        let missing = fails(references, "INSERT INTO c VALUES (1)").await;
        assert!(matches!(missing, StoreError::NotFound), "{missing}");
    }
}
