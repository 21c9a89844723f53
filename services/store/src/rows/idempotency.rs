//! Names of requests and what they stand for.

use domain::{Acceptance, AccountId, Position};
use proof::Timestamp;

use super::{Columns, Row, corrupt};
use crate::{Deed, KeptRequest, RequestKey, StoreError};

fn place(row: &impl Row, column: &'static str) -> Result<Option<Position>, StoreError> {
    let value: Option<i64> = row.maybe_number(column)?;
    value.map(|it| Position::from_i64(it).ok_or_else(|| corrupt(column, it))).transpose()
}

/// A name and its end.
///
/// # Errors
/// `Corrupt`.
pub fn request_key(row: &impl Row) -> Result<(RequestKey, Timestamp), StoreError> {
    let key =
        RequestKey { account: AccountId(row.number("account_id")?), hash: row.hash("key_hash")? };
    Ok((key, row.time("expires_at")?))
}

/// A row of [`crate::sql::KEPT_REQUEST`].
///
/// # Errors
/// `Corrupt`.
pub fn kept_request(row: &impl Row) -> Result<KeptRequest, StoreError> {
    let Some(badge) = place(row, "badge_pos")? else { return Ok(KeptRequest::Erased) };
    let acceptance = match row.number::<i64>("repeated")? {
        0 => Acceptance::New,
        _ => Acceptance::Known,
    };
    let deed = match row.owned_text("deed")?.as_str() {
        "submission" => Deed::Submission { badge, acceptance },
        "mint" => Deed::Mint {
            badge,
            token: place(row, "token_pos")?.ok_or_else(|| corrupt("token_pos", "NULL"))?,
            requested_at: row.time("requested_at")?,
            acceptance,
        },
        "revocation" => Deed::Revocation {
            badge,
            requested_at: row.time("requested_at")?,
            final_at: row.maybe_time("final_at")?,
        },
        other => return Err(corrupt("deed", other)),
    };
    Ok(KeptRequest::Done { fingerprint: row.hash("fingerprint")?, deed })
}

/// The columns of a deed as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeedColumns {
    /// `deed`.
    pub name: &'static str,
    /// `badge_pos`.
    pub badge: i64,
    /// `repeated`.
    pub repeated: i16,
    /// `token_pos`.
    pub token: Option<i64>,
    /// `requested_at`.
    pub requested_at: Option<i64>,
    /// `final_at`.
    pub final_at: Option<i64>,
}

impl From<&Deed> for DeedColumns {
    fn from(deed: &Deed) -> Self {
        let badge = deed.badge().as_i64();
        let (token, requested_at, final_at) = (None, None, None);
        let plain = Self { name: "submission", badge, repeated: 0, token, requested_at, final_at };
        let repeated = |acceptance| i16::from(acceptance == Acceptance::Known);
        match *deed {
            Deed::Submission { acceptance, .. } => Self { repeated: repeated(acceptance), ..plain },
            Deed::Mint { token, requested_at, acceptance, .. } => Self {
                name: "mint",
                repeated: repeated(acceptance),
                token: Some(token.as_i64()),
                requested_at: Some(requested_at.millis()),
                ..plain
            },
            Deed::Revocation { requested_at, final_at, .. } => Self {
                name: "revocation",
                repeated: final_at.is_some().into(),
                requested_at: Some(requested_at.millis()),
                final_at: final_at.map(Timestamp::millis),
                ..plain
            },
        }
    }
}
