//! Badges, accepted facts, entries of a range, revocations.

use domain::{
    Acceptance, Accepted, AccountId, BadgeRecord, IssuerId, Position, PublicMetadata, Revocation,
    RevocationReason,
};
use proof::{Entry, Rule};

use super::{Columns, Row, batch::maybe_batch, corrupt, stream};
use crate::placement::BadgeKey;
use crate::{RangeEntry, StoreError};

fn rule(row: &impl Row) -> Result<Rule, StoreError> {
    Rule::from_code(row.number("rule")?).map_err(|error| corrupt("rule", error))
}

/// Column `pos`.
///
/// # Errors
/// `Corrupt`.
pub fn position(row: &impl Row) -> Result<Position, StoreError> {
    let value: i64 = row.number("pos")?;
    Position::from_i64(value).ok_or_else(|| corrupt("pos", value))
}

/// A stored badge's facts and what it is known by, for a submission that repeats it.
///
/// # Errors
/// `Corrupt`.
pub fn accepted(row: &impl Row) -> Result<(BadgeKey, Accepted), StoreError> {
    let key = (row.hash("digest")?, rule(row)?, IssuerId(row.number("issuer_id")?));
    let facts = Accepted {
        acceptance: Acceptance::Known,
        position: position(row)?,
        salt: row.hash("salt")?,
        accepted_at: row.time("accepted_at")?,
        window_started_at: row.maybe_time("window_started_at")?,
        external_id: row.maybe_parsed("external_id")?,
        public_lookup: row.number::<i64>("public_lookup")? != 0,
        recipient: row.maybe_address("recipient")?,
        metadata: row.text("metadata")?.as_deref().map(metadata_from_json).transpose()?,
    };
    Ok((key, facts))
}

/// A row of [`crate::sql::SELECT_BADGE`].
///
/// # Errors
/// `Corrupt`.
pub fn badge(row: &impl Row) -> Result<BadgeRecord, StoreError> {
    Ok(BadgeRecord {
        position: position(row)?,
        stream: stream(row)?,
        account: AccountId(row.number("account_id")?),
        issuer: IssuerId(row.number("issuer_id")?),
        identifier: row.parsed("identifier")?,
        rule: rule(row)?,
        digest: row.hash("digest")?,
        salt: row.hash("salt")?,
        accepted_at: row.time("accepted_at")?,
        window_started_at: row.maybe_time("window_started_at")?,
        external_id: row.maybe_parsed("external_id")?,
        public_lookup: row.number::<i64>("public_lookup")? != 0,
        recipient: row.maybe_address("recipient")?,
        batch: maybe_batch(row)?,
        revocation: maybe_revocation(row)?,
    })
}

/// What an issuer made public of a badge, as its column holds it.
///
/// # Errors
/// None that its members can cause.
pub fn metadata_to_json(metadata: &PublicMetadata) -> Result<String, StoreError> {
    serde_json::to_string(metadata).map_err(|error| StoreError::Limit(error.to_string()))
}

fn metadata_from_json(text: &str) -> Result<PublicMetadata, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt("document", error))
}

/// A row of [`crate::sql::METADATA`].
///
/// # Errors
/// `Corrupt`.
pub fn metadata(row: &impl Row) -> Result<PublicMetadata, StoreError> {
    metadata_from_json(&row.owned_text("document")?)
}

pub(super) fn maybe_revocation(row: &impl Row) -> Result<Option<Revocation>, StoreError> {
    let Some(code) = row.maybe_number("revocation_reason")? else { return Ok(None) };
    Ok(Some(Revocation {
        reason: reason("revocation_reason", code)?,
        requested_at: row.time("revocation_requested_at")?,
        final_at: row.maybe_time("revocation_final_at")?,
    }))
}

pub(super) fn reason(column: &str, code: u8) -> Result<RevocationReason, StoreError> {
    RevocationReason::from_code(code).ok_or_else(|| corrupt(column, code))
}

/// A row of [`crate::sql::REVOCATION`].
///
/// # Errors
/// `Corrupt`.
pub fn revocation(row: &impl Row) -> Result<Revocation, StoreError> {
    maybe_revocation(row)?.ok_or_else(|| corrupt("revocation_reason", "NULL"))
}

/// A row of [`crate::sql::REVOCATIONS`].
///
/// # Errors
/// `Corrupt`.
pub fn placed_revocation(row: &impl Row) -> Result<(Position, Revocation), StoreError> {
    Ok((position(row)?, revocation(row)?))
}

pub(super) fn entry(row: &impl Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        rule: rule(row)?,
        issuer: row.hash("identifier_hash")?,
        digest: row.hash("digest")?,
        salt: row.hash("salt")?,
    })
}

/// A row of [`crate::sql::ENTRIES`].
///
/// # Errors
/// `Corrupt`.
pub fn range_entry(row: &impl Row) -> Result<RangeEntry, StoreError> {
    Ok(RangeEntry { position: position(row)?, entry: entry(row)? })
}
