//! Badges in, and out again on demand.

use std::collections::HashMap;

use domain::{Accepted, AccountId, ExternalId, Position, Revocation, StreamId, Submission};
use proof::Timestamp;
use sqlx::PgConnection;
use store::placement::{BadgeKey, NewBadge, Placement};
use store::rows::{self, OpenRange};
use store::{Erasure, Intake, RevocationRequest, StoreError, guards, sql};

use crate::PostgresStore;
use crate::administration::note;
use crate::failure::Failure;
use crate::minting;
use crate::row::{all, change, first, one};
use crate::sql as dialect;
use crate::transaction::{WRITE, transaction};

#[async_trait::async_trait]
impl Intake for PostgresStore {
    async fn accept(
        &self,
        stream: StreamId,
        submissions: &[Submission],
    ) -> Result<Vec<Accepted>, StoreError> {
        guards::accept_size(submissions.len())?;
        transaction!(self, WRITE, |tx| accept(tx, stream, submissions))
    }

    async fn erase(
        &self,
        account: AccountId,
        position: Position,
        now: Timestamp,
    ) -> Result<Erasure, StoreError> {
        let actor = format!("account {account}");
        transaction!(self, WRITE, |tx| erase(tx, account, &actor, position, now))
    }
}

/// Locks the stream's row: its positions are given out and cut by one transaction at a time, so
/// that whoever sees `next_pos` sees every badge below it.
pub(crate) async fn lock_open_range(
    tx: &mut PgConnection,
    stream: StreamId,
) -> Result<OpenRange, Failure> {
    let statement = sqlx::query(dialect::LOCK_OPEN_RANGE).bind(stream.0);
    one(statement, tx, rows::open_range).await
}

pub(crate) async fn accept(
    tx: &mut PgConnection,
    stream: StreamId,
    submissions: &[Submission],
) -> Result<Vec<Accepted>, Failure> {
    let open = lock_open_range(tx, stream).await?;
    guards::takes_badges(&open)?;
    let known = known_badges(tx, submissions).await?;
    let placed = Placement::of(open, submissions, known);
    if placed.new.is_empty() {
        return Ok(placed.accepted);
    }
    insert_badges(tx, &placed.new).await?;
    insert_metadata(tx, &placed.new).await?;
    minting::enqueue(tx, stream, &placed).await?;
    advance(tx, stream, &placed.open).await?;
    Ok(placed.accepted)
}

/// After positions of a locked stream were given out.
pub(crate) async fn advance(
    tx: &mut PgConnection,
    stream: StreamId,
    after: &OpenRange,
) -> Result<(), Failure> {
    let statement = sqlx::query(sql::ADVANCE_STREAM)
        .bind(stream.0)
        .bind(after.next.as_i64())
        .bind(after.since.map(Timestamp::millis))
        .bind(after.deadline_at.map(Timestamp::millis));
    Ok(guards::affected(change(statement, tx).await?, 1, "advance of the stream")?)
}

async fn known_badges(
    tx: &mut PgConnection,
    submissions: &[Submission],
) -> Result<HashMap<BadgeKey, Accepted>, Failure> {
    let digests: Vec<&[u8]> = submissions.iter().map(|one| &one.digest.0[..]).collect();
    let codes: Vec<i16> = submissions.iter().map(|one| one.rule.code().into()).collect();
    let issuers: Vec<i32> = submissions.iter().map(|one| one.issuer.0).collect();
    let statement = sqlx::query(dialect::KNOWN_BADGES).bind(digests).bind(codes).bind(issuers);
    Ok(all(statement, tx, rows::accepted).await?.into_iter().collect())
}

async fn insert_badges(tx: &mut PgConnection, new: &[NewBadge<'_>]) -> Result<(), Failure> {
    let facts = || new.iter().map(|badge| badge.submission);
    let positions: Vec<i64> = new.iter().map(|badge| badge.position.as_i64()).collect();
    let accepted_at: Vec<i64> = facts().map(|one| one.accepted_at.millis()).collect();
    let window_started_at: Vec<Option<i64>> =
        facts().map(|one| one.window_started_at.map(Timestamp::millis)).collect();
    let issuers: Vec<i32> = facts().map(|one| one.issuer.0).collect();
    let codes: Vec<i16> = facts().map(|one| one.rule.code().into()).collect();
    let digests: Vec<&[u8]> = facts().map(|one| &one.digest.0[..]).collect();
    let salts: Vec<&[u8]> = facts().map(|one| &one.salt.0[..]).collect();
    let external_ids: Vec<Option<&str>> =
        facts().map(|one| one.external_id.as_ref().map(ExternalId::as_str)).collect();
    let public_lookups: Vec<i16> = facts().map(|one| one.public_lookup.into()).collect();
    let recipients: Vec<Option<&[u8]>> =
        facts().map(|one| one.recipient.as_ref().map(|recipient| &recipient.owner.0[..])).collect();
    let id_tags: Vec<Option<&[u8]>> =
        facts().map(|one| one.id_tag.as_ref().map(|tag| &tag.0[..])).collect();
    let statement = sqlx::query(dialect::INSERT_BADGES)
        .bind(positions)
        .bind(accepted_at)
        .bind(window_started_at)
        .bind(issuers)
        .bind(codes)
        .bind(digests)
        .bind(salts)
        .bind(external_ids)
        .bind(public_lookups)
        .bind(recipients)
        .bind(id_tags);
    // a writer of another stream may store the same badge at this moment
    let inserted = change(statement, tx).await.map_err(Failure::unless_overtaken)?;
    guards::affected(inserted, new.len() as u64, "insert of badges")?;
    Ok(())
}

/// What tokens may show of the new badges, where issuers said so.
async fn insert_metadata(tx: &mut PgConnection, new: &[NewBadge<'_>]) -> Result<(), Failure> {
    let (mut positions, mut documents) = (Vec::new(), Vec::new());
    for badge in new {
        if let Some(metadata) = &badge.submission.metadata {
            positions.push(badge.position.as_i64());
            documents.push(rows::metadata_to_json(metadata)?);
        }
    }
    if positions.is_empty() {
        return Ok(());
    }
    let expected = positions.len() as u64;
    let statement = sqlx::query(dialect::INSERT_METADATA).bind(positions).bind(documents);
    Ok(guards::affected(change(statement, tx).await?, expected, "metadata")?)
}

/// Locks the row of an account's badge: nobody else erases or revokes it, or changes its tokens.
/// Rows are locked in the order stream of badges, badge, mint streams, batches, tokens.
pub(crate) async fn lock_badge(
    tx: &mut PgConnection,
    account: AccountId,
    position: Position,
) -> Result<(), Failure> {
    let statement =
        sqlx::query(dialect::LOCK_BADGE_OF_ACCOUNT).bind(position.as_i64()).bind(account.0);
    one(statement, tx, rows::position).await.map(drop)
}

pub(crate) async fn erase(
    tx: &mut PgConnection,
    account: AccountId,
    actor: &str,
    position: Position,
    now: Timestamp,
) -> Result<Erasure, Failure> {
    let (stream, place) = (position.stream().0, position.as_i64());
    // with the stream's row locked, no cut begins while the badge disappears
    lock_open_range(tx, position.stream()).await?;
    lock_badge(tx, account, position).await?;
    let covering = sqlx::query(sql::COVERING_STATE).bind(stream).bind(place);
    let is_cut = first(covering, &mut *tx, rows::batch_state_is_cut).await?;
    if is_cut == Some(true) || minting::unlink(tx, position).await? == Erasure::BeingSealed {
        return Ok(Erasure::BeingSealed);
    }
    change(sqlx::query(sql::DELETE_METADATA).bind(place), &mut *tx).await?;
    change(sqlx::query(sql::FORGET_REQUEST).bind(place), &mut *tx).await?;
    let gone = change(sqlx::query(sql::DELETE_BADGE).bind(place), &mut *tx).await?;
    guards::affected(gone, 1, "erasure")?;
    // the leaf of a sealed batch stays, and with it the request to revoke it
    if is_cut.is_none() {
        change(sqlx::query(sql::DELETE_REVOCATION).bind(place), &mut *tx).await?;
    }
    change(sqlx::query(sql::INSERT_ERASURE).bind(place).bind(now.millis()), &mut *tx).await?;
    note(tx, now, actor, "badge.erase", &format!("badge {position}")).await?;
    Ok(Erasure::Erased)
}

pub(crate) async fn request_revocation(
    tx: &mut PgConnection,
    request: RevocationRequest,
) -> Result<Revocation, Failure> {
    let place = request.position.as_i64();
    lock_badge(tx, request.account, request.position).await?;
    let insert = sqlx::query(sql::INSERT_REVOCATION)
        .bind(place)
        .bind(i16::from(request.reason.code()))
        .bind(request.requested_at.millis());
    if change(insert, &mut *tx).await? == 1 {
        let actor = format!("account {}", request.account);
        let subject = format!("badge {}", request.position);
        note(&mut *tx, request.requested_at, &actor, "badge.revoke", &subject).await?;
    }
    minting::revoke(tx, &request).await?;
    one(sqlx::query(sql::REVOCATION).bind(place), tx, rows::revocation).await
}
