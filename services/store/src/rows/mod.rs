//! From rows to the domain's types, written once: a back end implements [`Row`] for its driver's
//! row and passes it to the function named after the type. Column names are those of [`crate::sql`].

mod administration;
mod audit_log;
mod badge;
mod batch;
mod fee_samples;
mod halting;
mod idempotency;
mod promise;
mod signing;
mod token;

use std::fmt::Display;
use std::str::FromStr;

use proof::{Address, Hash, Timestamp};

use crate::StoreError;

pub use administration::{
    account, api_key, collection, from_json, issuer, receipt_key, registry, stream, to_json,
    trust_version,
};
pub use audit_log::{head, log_row, log_tree, waiting_log};
pub use badge::{
    accepted, badge, metadata, metadata_to_json, placed_revocation, position, range_entry,
    revocation,
};
pub use batch::{
    OpenRange, batch, batch_in_stream, batch_state_is_cut, counts, open_range, promise_status,
    stream_view, waiting_batch,
};
pub use fee_samples::{bindable_base_fee, fee_sample, first_send};
pub use halting::{block, confirmed_at, halt, nonce_gap};
pub use idempotency::{DeedColumns, kept_request, request_key};
pub use promise::{
    StandingParts, blocked, breach, canary, clocks, gate_values, overdue_batch, pace,
    promise_standing, pulse, pulse_values,
};
pub use signing::{
    AttemptRow, CarriedRevocation, LiveRow, OwnedTransaction, WaitingRevocation, assemble_jobs,
    assemble_live, assemble_records, attempt, carried_revocation, fees, last_nonce,
    live_transaction, outbox_event, owned_transaction, signer, tile_bytes, transaction_record,
    waiting_revocation,
};
pub use token::{
    commitments_of, maybe_owner, mint_entry, positions_of, standing, stream_id, token,
};

/// One row of a result, by column name. `None` stands for NULL.
pub trait Row {
    /// An integer of any width.
    ///
    /// # Errors
    /// `Corrupt` when the column is missing or holds something else; so for all methods.
    fn integer(&self, column: &'static str) -> Result<Option<i64>, StoreError>;

    /// A text.
    ///
    /// # Errors
    /// `Corrupt`.
    fn text(&self, column: &'static str) -> Result<Option<String>, StoreError>;

    /// Bytes.
    ///
    /// # Errors
    /// `Corrupt`.
    fn bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError>;
}

/// A column that holds what no version of this program writes.
pub(crate) fn corrupt(column: &str, why: impl Display) -> StoreError {
    StoreError::Corrupt(format!("column {column}: {why}"))
}

fn required<T>(column: &'static str, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| corrupt(column, "NULL"))
}

/// The columns of a row with their domain types.
trait Columns: Row {
    fn maybe_number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        let convert = |value: i64| {
            T::try_from(value).map_err(|_| corrupt(column, format_args!("{value} is out of range")))
        };
        self.integer(column)?.map(convert).transpose()
    }

    fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        required(column, self.maybe_number(column)?)
    }

    fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let time = |millis| Timestamp::from_millis(millis).map_err(|error| corrupt(column, error));
        self.integer(column)?.map(time).transpose()
    }

    fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        required(column, self.maybe_time(column)?)
    }

    fn maybe_hash(&self, column: &'static str) -> Result<Option<Hash>, StoreError> {
        let hash = |bytes: Vec<u8>| {
            Hash::from_slice(&bytes).ok_or_else(|| corrupt(column, "not 32 bytes"))
        };
        self.bytes(column)?.map(hash).transpose()
    }

    fn hash(&self, column: &'static str) -> Result<Hash, StoreError> {
        required(column, self.maybe_hash(column)?)
    }

    fn maybe_address(&self, column: &'static str) -> Result<Option<Address>, StoreError> {
        let address = |bytes: Vec<u8>| {
            Address::from_slice(&bytes).ok_or_else(|| corrupt(column, "not 20 bytes"))
        };
        self.bytes(column)?.map(address).transpose()
    }

    fn address(&self, column: &'static str) -> Result<Address, StoreError> {
        required(column, self.maybe_address(column)?)
    }

    fn owned_text(&self, column: &'static str) -> Result<String, StoreError> {
        required(column, self.text(column)?)
    }

    fn maybe_parsed<T>(&self, column: &'static str) -> Result<Option<T>, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        let parse = |text: String| text.parse().map_err(|error| corrupt(column, error));
        self.text(column)?.map(parse).transpose()
    }

    fn parsed<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        required(column, self.maybe_parsed(column)?)
    }
}

impl<R: Row + ?Sized> Columns for R {}

/// A number as an integer column takes it.
///
/// # Errors
/// `Limit` above 2^63 − 1; `what` names it.
pub fn bindable(value: impl TryInto<i64>, what: &str) -> Result<i64, StoreError> {
    value.try_into().map_err(|_| StoreError::Limit(format!("{what} above 2^63 - 1")))
}

/// An integer column that is never NULL, as a number of rows or an id.
///
/// # Errors
/// `Corrupt`.
pub fn count<T: TryFrom<i64>>(row: &impl Row, column: &'static str) -> Result<T, StoreError> {
    row.number(column)
}

/// A time that may be NULL, as the least of no rows.
///
/// # Errors
/// `Corrupt`.
pub fn maybe_time(row: &impl Row, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    row.maybe_time(column)
}
