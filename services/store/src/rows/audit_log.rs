//! Rows, places and heads of the audit log.

use proof::{AuditHead, AuditRow, Frontier};

use super::{Columns, Row, corrupt, position};
use crate::{HeadRecord, LogRow, StoreError, WaitingLog};

/// The columns of `sql/log_columns.sql`.
///
/// # Errors
/// `Corrupt`.
pub fn log_row(row: &impl Row) -> Result<LogRow, StoreError> {
    let index: Option<u64> = row.maybe_number("leaf_index")?;
    Ok(LogRow {
        row: AuditRow {
            number: row.number("id")?,
            at: row.time("at")?,
            actor: row.owned_text("actor")?,
            action: row.owned_text("action")?,
            subject: row.owned_text("subject")?,
        },
        place: index.map(|index| Ok::<_, StoreError>((index, row.hash("leaf")?))).transpose()?,
    })
}

/// A row of [`crate::sql::HEADS`].
///
/// # Errors
/// `Corrupt`.
pub fn head(row: &impl Row) -> Result<HeadRecord, StoreError> {
    Ok(HeadRecord {
        head: AuditHead {
            service: row.owned_text("service")?,
            sequence: row.number("sequence")?,
            size: row.number("size")?,
            root: row.hash("root")?,
            previous: row.maybe_hash("previous")?,
            made_at: row.time("made_at")?,
        },
        position: position(row)?,
    })
}

/// The row of [`crate::sql::LOG_TREE`].
///
/// # Errors
/// `Corrupt`.
pub fn log_tree(row: &impl Row) -> Result<Frontier, StoreError> {
    let size = row.number("size")?;
    let roots = row.bytes("roots")?.unwrap_or_default();
    Frontier::from_bytes(size, &roots).ok_or_else(|| corrupt("roots", "not those of the size"))
}

/// The row of [`crate::sql::LOG_WAITING`].
///
/// # Errors
/// `Corrupt`.
pub fn waiting_log(row: &impl Row) -> Result<WaitingLog, StoreError> {
    Ok(WaitingLog { rows: row.number("waiting_rows")?, since: row.maybe_time("waiting_since")? })
}
