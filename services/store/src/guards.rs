//! What a writing transaction checks before it writes. Pure; the same in both back ends.

use domain::{
    Acceptance, Accepted, Account, AccountId, Attempt, Batch, BatchState, Collection, Fees, Issuer,
    MAX_MINT_BATCH, NewCollection, Position, Purpose, Seal, Stream, StreamKind,
};
use proof::{Address, IssuerIdentifier, Timestamp};

use crate::rows::{OpenRange, OwnedTransaction};
use crate::{MAX_ACCEPT, MAX_PAGE, NewTransaction, RegistryRecord, StoreError};

/// Most tiles of one [`crate::Sealing::put_tiles`].
pub const MAX_TILES: usize = 256;

fn conflict<T>(why: impl Into<String>) -> Result<T, StoreError> {
    Err(StoreError::Conflict(why.into()))
}

/// # Errors
/// `Limit` above [`MAX_ACCEPT`] submissions.
pub fn accept_size(submissions: usize) -> Result<(), StoreError> {
    within("submissions", submissions, MAX_ACCEPT)
}

/// # Errors
/// `Limit` above [`MAX_PAGE`] rows.
pub fn page_size(limit: u32) -> Result<i64, StoreError> {
    within("rows of a page", limit as usize, MAX_PAGE as usize)?;
    Ok(i64::from(limit))
}

/// # Errors
/// `Limit` above [`MAX_TILES`].
pub fn tile_count(tiles: usize) -> Result<(), StoreError> {
    within("tiles", tiles, MAX_TILES)
}

fn within(what: &str, asked: usize, limit: usize) -> Result<(), StoreError> {
    if asked > limit {
        return Err(StoreError::Limit(format!("{asked} {what}; at most {limit}")));
    }
    Ok(())
}

/// The open part of a stream that takes badges.
///
/// # Errors
/// `NotFound` for a mint stream.
pub const fn takes_badges(open: &OpenRange) -> Result<(), StoreError> {
    if open.mints { Err(StoreError::NotFound) } else { Ok(()) }
}

/// # Errors
/// `Limit` above [`MAX_MINT_BATCH`] positions.
pub fn mint_range(from: Position, end: Position) -> Result<(), StoreError> {
    let asked = usize::try_from(end.distance_from(from)).unwrap_or(usize::MAX);
    within("positions of a mint batch", asked, MAX_MINT_BATCH as usize)
}

/// Whether `from..end` begins where the open part begins; `false` when it begins earlier, so that
/// another worker may have cut there.
///
/// # Errors
/// `Conflict` for an empty range or one that goes beyond the open part; `Limit` for more requests
/// than a mint batch may have.
pub fn cut(open: &OpenRange, from: Position, end: Position) -> Result<bool, StoreError> {
    if from >= end || from > open.from || end > open.next {
        return conflict(format!("{from}..{end} is no range of {}..{}", open.from, open.next));
    }
    if open.mints {
        mint_range(from, end)?;
    }
    Ok(from == open.from)
}

/// The deadline of a range: the earliest of its badges, or, where all are vacated, the earliest
/// that was open.
#[must_use]
pub fn cut_deadline(
    open: &OpenRange,
    window_start: Option<Timestamp>,
    now: Timestamp,
) -> Timestamp {
    let known = window_start.map(|start| start.plus_millis(open.promise_ms)).or(open.deadline_at);
    known.unwrap_or_else(|| now.plus_millis(open.promise_ms))
}

/// What the badges left over by a cut say of the stream's open part. Vacated positions say
/// nothing, so the old bounds stand when nothing else is known.
#[must_use]
pub fn after_cut(
    open: &OpenRange,
    end: Position,
    since: Option<Timestamp>,
    window_start: Option<Timestamp>,
) -> OpenRange {
    if end == open.next {
        return OpenRange { from: end, since: None, deadline_at: None, ..*open };
    }
    let deadline = window_start.map(|start| start.plus_millis(open.promise_ms));
    OpenRange {
        from: end,
        since: since.or(open.since),
        deadline_at: deadline.or(open.deadline_at),
        ..*open
    }
}

/// Whether to write the seal of an anchor batch; `false` when it is there already.
///
/// # Errors
/// `Conflict` when the batch is sealed differently, is to be minted, or the size is not the range's.
pub fn seal(batch: &Batch, stream: &Stream, seal: &Seal) -> Result<bool, StoreError> {
    if stream.kind != StreamKind::Anchor || seal.owners_hash.is_some() {
        return conflict(format!("batch {} is sealed as one to anchor, and is not", batch.id));
    }
    match batch.seal() {
        Some(stored) if stored == seal => Ok(false),
        Some(_) => conflict(format!("batch {} is sealed differently", batch.id)),
        None if seal.size != batch.len() => {
            conflict(format!("batch {} has {} positions, not {}", batch.id, batch.len(), seal.size))
        }
        None => Ok(true),
    }
}

/// Whether to write the seal of a mint batch, whose requests `standing` are in any order; `false`
/// when it is there already.
///
/// # Errors
/// `Conflict` when the batch is sealed differently or is to be anchored, and unless `order` has
/// each standing request once, by owner and position.
pub fn seal_mint(
    batch: &Batch,
    stream: &Stream,
    seal: &Seal,
    order: &[Position],
    mut standing: Vec<(Address, Position)>,
) -> Result<bool, StoreError> {
    let id = batch.id;
    if stream.kind == StreamKind::Anchor || seal.owners_hash.is_none() {
        return conflict(format!("batch {id} is sealed as one to mint, and is not"));
    }
    match batch.seal() {
        Some(stored) if stored == seal => return Ok(false),
        Some(_) => return conflict(format!("batch {id} is sealed differently")),
        None => {}
    }
    standing.sort_unstable();
    let in_order = standing.iter().map(|(_, position)| position).eq(order);
    if !in_order || seal.size != order.len() as u64 {
        return conflict(format!("the leaves of batch {id} are not its requests by owner"));
    }
    Ok(true)
}

/// Whether to write that a mint batch is vacated; `false` when it is already.
///
/// # Errors
/// `Conflict` when a request stands, or for any other batch or state.
pub fn vacate(batch: &Batch, stream: &Stream, standing: usize) -> Result<bool, StoreError> {
    match batch.state {
        BatchState::Vacated => Ok(false),
        BatchState::Cut if stream.kind != StreamKind::Anchor && standing == 0 => Ok(true),
        _ => conflict(format!("batch {} is not one that all requests left", batch.id)),
    }
}

/// The ranges that a mint batch is split into.
///
/// # Errors
/// `Conflict` for an anchor batch, in another state than sealed or blocked, or unless `at` lies
/// within.
pub fn split(
    batch: &Batch,
    stream: &Stream,
    at: Position,
) -> Result<[(Position, Position); 2], StoreError> {
    if stream.kind == StreamKind::Anchor {
        return conflict(format!("batch {} is not minted", batch.id));
    }
    batch.split(at).or_else(|error| conflict(error.to_string()))
}

/// Checks a new transaction against the signer's sequence and the batch.
///
/// # Errors
/// `Conflict` for another nonce than the next, a batch in flight (anchor, mint) or not final
/// (revocation), and for a purpose that is not its stream's; `Transition` for an anchor or a mint
/// from any other state.
pub fn prepare(
    transaction: &NewTransaction,
    next_nonce: u64,
    batch: &Batch,
    stream: &Stream,
) -> Result<(), StoreError> {
    if transaction.nonce != next_nonce {
        return conflict(format!("nonce {} is not the next, {next_nonce}", transaction.nonce));
    }
    match (transaction.purpose, stream.kind) {
        (Purpose::Anchor { .. }, StreamKind::Anchor)
        | (Purpose::Mint { .. }, StreamKind::Mint { .. }) => match batch.state {
            BatchState::InFlight { .. } => conflict(format!("batch {} is in flight", batch.id)),
            _ => Ok(batch.clone().prepared().map(drop)?),
        },
        (Purpose::Anchor { .. } | Purpose::Mint { .. }, _) => {
            let (purpose, kind) = (transaction.purpose.name(), stream.kind.name());
            conflict(format!("{purpose} of batch {} in a stream of kind {kind}", batch.id))
        }
        (Purpose::Revoke { .. }, _) if transaction.revoked.is_empty() => {
            conflict("a revocation without positions")
        }
        (Purpose::Revoke { .. }, _) if !matches!(batch.state, BatchState::Final { .. }) => {
            conflict(format!("batch {} is not final", batch.id))
        }
        (Purpose::Revoke { .. }, _) => Ok(()),
    }
}

/// The purpose of a transaction that may be changed.
///
/// # Errors
/// `NotFound` when it is not the signer's; `Conflict` when it has ended.
pub fn live(transaction: Option<OwnedTransaction>) -> Result<Purpose, StoreError> {
    match transaction {
        None => Err(StoreError::NotFound),
        Some(OwnedTransaction { live: false, .. }) => conflict("the transaction has ended"),
        Some(OwnedTransaction { purpose, .. }) => Ok(purpose),
    }
}

/// What a confirmed transaction is for, that is to be live again.
///
/// # Errors
/// `NotFound` when the signer has no such transaction; `Conflict` when it is live.
pub fn ended(transaction: Option<OwnedTransaction>) -> Result<Purpose, StoreError> {
    match transaction {
        None => Err(StoreError::NotFound),
        Some(OwnedTransaction { live: true, .. }) => conflict("the transaction is live"),
        Some(OwnedTransaction { purpose, .. }) => Ok(purpose),
    }
}

/// # Errors
/// `Conflict` unless both fees are higher than the last attempt's.
pub fn bump(last: Fees, attempt: &Attempt) -> Result<(), StoreError> {
    let next = attempt.fees;
    if next.max_fee > last.max_fee && next.max_priority_fee > last.max_priority_fee {
        Ok(())
    } else {
        conflict(format!("fees must rise: {last:?}, then {next:?}"))
    }
}

/// The account is one of these.
///
/// # Errors
/// `NotFound`.
pub fn known_account(accounts: &[Account], account: AccountId) -> Result<(), StoreError> {
    customer(account)?;
    accounts.iter().find(|one| one.id == account).map(drop).ok_or(StoreError::NotFound)
}

/// The names of a new issuer are nobody's yet.
///
/// # Errors
/// `Conflict` that names the name and whose it is.
pub fn free_names(
    issuers: &[Issuer],
    identifier: &IssuerIdentifier,
    aliases: &[String],
) -> Result<(), StoreError> {
    for name in std::iter::once(identifier.as_str()).chain(aliases.iter().map(String::as_str)) {
        let has = |issuer: &&Issuer| {
            issuer.identifier.as_str() == name || issuer.aliases.iter().any(|alias| alias == name)
        };
        if let Some(owner) = issuers.iter().find(has) {
            return conflict(format!(
                "{name} is a name of the issuer {} already",
                owner.identifier
            ));
        }
    }
    Ok(())
}

/// No other version of the trust file was published meanwhile.
///
/// # Errors
/// `Conflict`.
pub fn still_newest(published: Option<i64>) -> Result<i64, StoreError> {
    published.map_or_else(|| conflict("another trust file was published meanwhile"), Ok)
}

/// # Errors
/// `Conflict` when a registry is recorded with another code hash or block.
pub fn same_registry(recorded: &RegistryRecord, given: &RegistryRecord) -> Result<(), StoreError> {
    if recorded.code_hash == given.code_hash && recorded.from_block == given.from_block {
        Ok(())
    } else {
        conflict(format!("registry {} is recorded with another code or block", given.address))
    }
}

/// # Errors
/// `Conflict` when a collection is recorded with another issuer, registry, code hash or block.
pub fn same_collection(recorded: &Collection, given: &NewCollection) -> Result<(), StoreError> {
    if recorded.issuer == given.issuer
        && recorded.stream.registry == given.registry
        && recorded.code_hash == given.code_hash
        && recorded.from_block == given.from_block
    {
        Ok(())
    } else {
        conflict(format!("collection {} is recorded with other facts", given.contract))
    }
}

/// The owners of a sealed mint batch, from its rows.
///
/// # Errors
/// `NotFound` for none; `Conflict` when one was forgotten, which happens once the batch is final.
pub fn owners(rows: Vec<Option<Address>>) -> Result<Vec<Address>, StoreError> {
    if rows.is_empty() {
        return Err(StoreError::NotFound);
    }
    let owners: Option<Vec<Address>> = rows.into_iter().collect();
    owners.map_or_else(|| conflict("an owner was erased after the mint"), Ok)
}

/// Whom an administrator gives issuers and keys: not the service itself.
///
/// # Errors
/// `NotFound` for the service's own account.
pub fn customer(account: AccountId) -> Result<(), StoreError> {
    if account == AccountId::SERVICE { Err(StoreError::NotFound) } else { Ok(()) }
}

/// The position of the only badge of a call, which must be new.
///
/// # Errors
/// `Conflict` when it was there before.
pub fn one_new(accepted: &[Accepted]) -> Result<Position, StoreError> {
    match accepted {
        [Accepted { acceptance: Acceptance::New, position, .. }] => Ok(*position),
        _ => conflict("this head of the audit log was stored before"),
    }
}

/// A write that must have met exactly `expected` rows.
///
/// # Errors
/// `Conflict` naming `what`.
pub fn affected(rows: u64, expected: u64, what: &str) -> Result<(), StoreError> {
    if rows == expected {
        Ok(())
    } else {
        conflict(format!("{what}: {rows} rows changed instead of {expected}"))
    }
}
