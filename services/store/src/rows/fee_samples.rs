//! Fee samples.

use domain::FeeSample;
use proof::Timestamp;

use super::{Columns, Row};
use crate::StoreError;

/// A row of [`crate::sql::FEE_SAMPLES`].
///
/// # Errors
/// `Corrupt`.
pub fn fee_sample(row: &impl Row) -> Result<FeeSample, StoreError> {
    let base_fee = u128::from(row.number::<u64>("base_fee")?);
    Ok(FeeSample { at: row.time("sampled_at")?, base_fee })
}

/// The row of [`crate::sql::LAST_FIRST_SEND`].
///
/// # Errors
/// `Corrupt`.
pub fn first_send(row: &impl Row) -> Result<Option<Timestamp>, StoreError> {
    row.maybe_time("sent_at")
}

/// What is bound for a sample's base fee.
///
/// # Errors
/// `Corrupt`: only for one that was not clamped.
pub fn bindable_base_fee(sample: FeeSample) -> Result<i64, StoreError> {
    i64::try_from(sample.base_fee)
        .map_err(|_| StoreError::Corrupt(format!("base fee {} was not clamped", sample.base_fee)))
}
