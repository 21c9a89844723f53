//! Requests to mint, and what else ends or changes a badge's tokens. Runs within the transactions of
//! intake.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    AccountId, BadgeRecord, IssuerId, MintRequest, Position, RevocationReason, StreamId, Token,
};
use proof::Timestamp;
use sqlx::PgConnection;
use store::minting::{MintStep, Stage, mint_step, stage};
use store::placement::{NewToken, Placement};
use store::{Erasure, MintAnswer, RevocationRequest, StoreError, guards, rows, sql};

use crate::administration::note;
use crate::failure::Failure;
use crate::intake::{advance, lock_badge, lock_open_range};
use crate::row::{all, change, first, one};
use crate::sql as dialect;

/// The mint stream for an issuer's badges of a stream.
async fn newest_collection(
    tx: &mut PgConnection,
    stream: StreamId,
    issuer: IssuerId,
) -> Result<Option<StreamId>, Failure> {
    let statement = sqlx::query(sql::NEWEST_COLLECTION).bind(stream.0).bind(issuer.0);
    first(statement, tx, rows::stream_id).await
}

async fn insert(tx: &mut PgConnection, tokens: &[NewToken]) -> Result<(), Failure> {
    let positions: Vec<i64> = tokens.iter().map(|token| token.position.as_i64()).collect();
    let badges: Vec<i64> = tokens.iter().map(|token| token.badge.as_i64()).collect();
    let owners: Vec<&[u8]> = tokens.iter().map(|token| &token.recipient.owner.0[..]).collect();
    let salts: Vec<&[u8]> = tokens.iter().map(|token| &token.recipient.salt.0[..]).collect();
    let requested_at: Vec<i64> = tokens.iter().map(|token| token.requested_at.millis()).collect();
    let statement = sqlx::query(dialect::INSERT_TOKENS)
        .bind(positions)
        .bind(badges)
        .bind(owners)
        .bind(salts)
        .bind(requested_at);
    Ok(guards::affected(change(statement, tx).await?, tokens.len() as u64, "tokens")?)
}

/// Places for the new badges that have a recipient.
pub(crate) async fn enqueue(
    tx: &mut PgConnection,
    stream: StreamId,
    placement: &Placement<'_>,
) -> Result<(), Failure> {
    let issuers = placement.minting_issuers();
    if issuers.is_empty() {
        return Ok(());
    }
    let mut streams = BTreeMap::new();
    for issuer in issuers {
        let collection = newest_collection(tx, stream, issuer).await?;
        streams.insert(issuer, collection.ok_or(StoreError::NotFound)?);
    }
    let mut open = BTreeMap::new();
    // in the order of their ids, as everybody locks them
    for stream in streams.values().copied().collect::<BTreeSet<_>>() {
        open.insert(stream, lock_open_range(tx, stream).await?);
    }
    insert(tx, &placement.requests(&streams, &mut open)?).await?;
    for (stream, open) in &open {
        advance(tx, *stream, open).await?;
    }
    Ok(())
}

async fn tokens_of(tx: &mut PgConnection, badge: Position) -> Result<Vec<Token>, Failure> {
    let statement = sqlx::query(sql::TOKENS_OF_BADGE).bind(badge.as_i64());
    all(statement, tx, rows::token).await
}

/// The tokens of a badge whose row is locked, and of which none is cut, sealed, split or confirmed
/// until the transaction ends.
async fn lock_tokens(
    tx: &mut PgConnection,
    badge: Position,
    also: Option<StreamId>,
) -> Result<Vec<Token>, Failure> {
    let tokens = tokens_of(tx, badge).await?;
    let streams = tokens.iter().map(|token| token.stream.id).chain(also);
    for stream in streams.collect::<BTreeSet<_>>() {
        lock_open_range(tx, stream).await?;
    }
    let positions: BTreeSet<_> = tokens.iter().map(|token| token.position).collect();
    if positions.is_empty() {
        return Ok(tokens);
    }
    for position in positions {
        let covering = sqlx::query(dialect::LOCK_COVERING_STATE);
        change(covering.bind(position.stream().0).bind(position.as_i64()), &mut *tx).await?;
    }
    // as they are now that they are locked
    tokens_of(tx, badge).await
}

async fn revoke_token(
    tx: &mut PgConnection,
    position: Position,
    reason: RevocationReason,
    at: Timestamp,
) -> Result<(), Failure> {
    let statement = sqlx::query(sql::INSERT_REVOCATION)
        .bind(position.as_i64())
        .bind(i16::from(reason.code()))
        .bind(at.millis());
    change(statement, tx).await?;
    Ok(())
}

/// Answers a request; [`MintAnswer::Requested`] alone has written something.
pub(crate) async fn request(
    tx: &mut PgConnection,
    account: AccountId,
    request: &MintRequest,
) -> Result<MintAnswer, Failure> {
    lock_badge(tx, account, request.badge).await?;
    let badge = sqlx::query(sql::BADGE_BY_POSITION).bind(request.badge.as_i64());
    let badge: BadgeRecord = one(badge, &mut *tx, rows::badge).await?;
    let collection = newest_collection(tx, badge.position.stream(), badge.issuer).await?;
    let tokens = lock_tokens(tx, badge.position, collection).await?;
    let position = match mint_step(&badge, tokens, request) {
        MintStep::Answer(answer) => return Ok(*answer),
        MintStep::ChangeOwner(position) => {
            let owner = sqlx::query(sql::CHANGE_OWNER)
                .bind(position.as_i64())
                .bind(request.recipient.owner.0);
            guards::affected(change(owner, &mut *tx).await?, 1, "open request")?;
            position
        }
        MintStep::Enqueue { replaced } => {
            let Some(stream) = collection else { return Ok(MintAnswer::NoCollection) };
            if let Some(replaced) = replaced {
                let at = request.requested_at;
                let replace =
                    sqlx::query(sql::REPLACE_TOKEN).bind(replaced.as_i64()).bind(at.millis());
                guards::affected(change(replace, &mut *tx).await?, 1, "replaced token")?;
                revoke_token(tx, replaced, RevocationReason::Superseded, at).await?;
            }
            let mut open = lock_open_range(tx, stream).await?;
            let token =
                NewToken::take(&mut open, badge.position, request.recipient, request.requested_at);
            insert(tx, &[token]).await?;
            advance(tx, stream, &open).await?;
            token.position
        }
    };
    let (actor, subject) = (format!("account {account}"), format!("token {position}"));
    note(tx, request.requested_at, &actor, "badge.mint", &subject).await?;
    let token = sqlx::query(sql::TOKEN_BY_POSITION).bind(position.as_i64());
    Ok(MintAnswer::Requested(one(token, tx, rows::token).await?))
}

/// Ends the tokens of a locked badge that is revoked.
pub(crate) async fn revoke(
    tx: &mut PgConnection,
    request: &RevocationRequest,
) -> Result<(), Failure> {
    for token in lock_tokens(tx, request.position, None).await? {
        match stage(&token) {
            Stage::Open => withdraw(tx, token.position).await?,
            Stage::BeingSealed | Stage::Sealed | Stage::Final => {
                let (reason, at) = (request.reason, request.requested_at);
                revoke_token(tx, token.position, reason, at).await?;
            }
        }
    }
    Ok(())
}

async fn withdraw(tx: &mut PgConnection, position: Position) -> Result<(), Failure> {
    let statement = sqlx::query(sql::WITHDRAW_TOKEN).bind(position.as_i64());
    Ok(guards::affected(change(statement, tx).await?, 1, "withdrawn request")?)
}

/// Takes a locked badge that is to be erased out of its tokens; nothing is written when one of them
/// is being sealed.
pub(crate) async fn unlink(tx: &mut PgConnection, badge: Position) -> Result<Erasure, Failure> {
    let tokens = lock_tokens(tx, badge, None).await?;
    if tokens.iter().any(|token| stage(token) == Stage::BeingSealed) {
        return Ok(Erasure::BeingSealed);
    }
    for token in &tokens {
        let place = token.position.as_i64();
        let stage = stage(token);
        if stage == Stage::Open {
            withdraw(tx, token.position).await?;
            continue;
        }
        let unlinked = change(sqlx::query(sql::UNLINK_TOKEN).bind(place), &mut *tx).await?;
        guards::affected(unlinked, 1, "unlinked token")?;
        if stage == Stage::Final {
            let forget = sqlx::query(sql::FORGET_OWNERS).bind(place).bind(place + 1);
            guards::affected(change(forget, &mut *tx).await?, 1, "forgotten owner")?;
        }
    }
    Ok(Erasure::Erased)
}
