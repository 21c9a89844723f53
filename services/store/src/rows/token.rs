//! Tokens and the requests that became or become them.

use domain::{Position, StreamId, Token};
use proof::{Address, Hash, TokenId};

use super::badge::{entry, maybe_revocation, position};
use super::batch::maybe_batch;
use super::{Columns, Row, corrupt, stream};
use crate::{MintEntry, StoreError};

/// A row of one of the token statements of [`crate::sql`].
///
/// # Errors
/// `Corrupt`.
pub fn token(row: &impl Row) -> Result<Token, StoreError> {
    let badge: Option<i64> = row.maybe_number("badge_pos")?;
    let badge =
        badge.map(|value| Position::from_i64(value).ok_or_else(|| corrupt("badge_pos", value)));
    Ok(Token {
        position: position(row)?,
        stream: stream(row)?,
        badge: badge.transpose()?,
        owner: row.maybe_address("owner")?,
        salt: row.maybe_hash("salt")?,
        requested_at: row.time("token_requested_at")?,
        index: row.maybe_number("leaf_index")?,
        batch: maybe_batch(row)?,
        burned_at: row.maybe_time("burned_at")?,
        replaced_at: row.maybe_time("replaced_at")?,
        revocation: maybe_revocation(row)?,
    })
}

/// A row of [`crate::sql::MINT_ENTRIES`].
///
/// # Errors
/// `Corrupt`.
pub fn mint_entry(row: &impl Row) -> Result<MintEntry, StoreError> {
    Ok(MintEntry { position: position(row)?, owner: row.address("owner")?, entry: entry(row)? })
}

/// A row of [`crate::sql::STANDING`], as leaves are ordered by it.
///
/// # Errors
/// `Corrupt`.
pub fn standing(row: &impl Row) -> Result<(Address, Position), StoreError> {
    Ok((row.address("owner")?, position(row)?))
}

/// A row of [`crate::sql::OWNERS`]; `None` once the owner was forgotten.
///
/// # Errors
/// `Corrupt`.
pub fn maybe_owner(row: &impl Row) -> Result<Option<Address>, StoreError> {
    row.maybe_address("owner")
}

/// A row of [`crate::sql::NEWEST_COLLECTION`].
///
/// # Errors
/// `Corrupt`.
pub fn stream_id(row: &impl Row) -> Result<StreamId, StoreError> {
    Ok(StreamId(row.number("stream_id")?))
}

/// The commitments that a token id can be of: the lowest and the highest with its high 28 bytes.
#[must_use]
pub fn commitments_of(id: TokenId) -> (Hash, Hash) {
    let hash = |index| Hash(TokenId::of(Hash(id.0), index).0);
    (hash(0), hash(u32::MAX))
}

/// The bounds, both excluded, of a stream's positions after one.
#[must_use]
pub fn positions_of(stream: StreamId, after: Option<Position>) -> (i64, i64) {
    let before = Position::first_of(stream).as_i64() - 1;
    // as an integer: the last stream ends where the integers do
    let end = before.saturating_add(1 << 48).saturating_add(1);
    (after.map_or(before, |after| before.max(after.as_i64())), end)
}
