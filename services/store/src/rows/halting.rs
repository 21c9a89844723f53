//! Halts, final blocks, adopted nonces.

use std::ops::Range;

use domain::{Block, TransactionId};

use super::{Columns, Row, corrupt};
use crate::{ConfirmedAt, Halt, HaltReason, StoreError};

/// A row of [`crate::sql::HALTS`].
///
/// # Errors
/// `Corrupt`.
pub fn halt(row: &impl Row) -> Result<Halt, StoreError> {
    let name = row.owned_text("reason")?;
    let reason = match name.as_str() {
        "restored" => HaltReason::Restored,
        "nonces" => HaltReason::Nonces,
        "finality" => HaltReason::Finality { number: row.number("block_number")? },
        _ => return Err(corrupt("reason", name)),
    };
    Ok(Halt {
        chain_id: row.number("chain_id")?,
        reason,
        since: row.time("since")?,
        detail: row.owned_text("detail")?,
    })
}

/// A row of [`crate::sql::FINAL_BLOCK`].
///
/// # Errors
/// `Corrupt`.
pub fn block(row: &impl Row) -> Result<Block, StoreError> {
    Ok(Block { number: row.number("block_number")?, hash: row.hash("block_hash")? })
}

/// A row of [`crate::sql::CONFIRMED_BELOW`].
///
/// # Errors
/// `Corrupt`.
pub fn confirmed_at(row: &impl Row) -> Result<ConfirmedAt, StoreError> {
    Ok(ConfirmedAt {
        transaction: TransactionId(row.number("tx_id")?),
        nonce: row.number("nonce")?,
        block: block(row)?,
    })
}

/// A row of [`crate::sql::NONCE_GAPS`].
///
/// # Errors
/// `Corrupt`.
pub fn nonce_gap(row: &impl Row) -> Result<Range<u64>, StoreError> {
    Ok(row.number("first_nonce")?..row.number("end_nonce")?)
}
