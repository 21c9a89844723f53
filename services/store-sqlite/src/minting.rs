//! Requests to mint, and what else ends or changes a badge's tokens. Runs within the transactions of
//! intake.

use std::collections::BTreeMap;

use domain::{
    AccountId, BadgeRecord, IssuerId, MintRequest, Position, RevocationReason, StreamId, Token,
};
use proof::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use store::minting::{MintStep, Stage, mint_step, stage};
use store::placement::{NewToken, Placement};
use store::{Erasure, MintAnswer, RevocationRequest, StoreError, guards, rows, sql};

use crate::administration::note;
use crate::intake::{CHUNK, advance, open_range, owned};
use crate::rows::{all, maybe, one, run};

/// The mint stream for an issuer's badges of a stream.
async fn newest_collection(
    connection: &mut SqliteConnection,
    stream: StreamId,
    issuer: IssuerId,
) -> Result<Option<StreamId>, StoreError> {
    let query = sqlx::query(sql::NEWEST_COLLECTION).bind(stream.0).bind(issuer.0);
    maybe(connection, query, rows::stream_id).await
}

async fn insert(connection: &mut SqliteConnection, tokens: &[NewToken]) -> Result<(), StoreError> {
    for chunk in tokens.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO token (pos, badge_pos, owner, salt, requested_at) ",
        );
        query.push_values(chunk, |mut values, token| {
            values.push_bind(token.position.as_i64());
            values.push_bind(token.badge.as_i64());
            values.push_bind(token.recipient.owner.0.to_vec());
            values.push_bind(token.recipient.salt.0.to_vec());
            values.push_bind(token.requested_at.millis());
        });
        let inserted = run(connection, query.build()).await?;
        guards::affected(inserted, chunk.len() as u64, "tokens")?;
    }
    Ok(())
}

/// Places for the new badges that have a recipient.
pub(crate) async fn enqueue(
    connection: &mut SqliteConnection,
    stream: StreamId,
    placement: &Placement<'_>,
) -> Result<(), StoreError> {
    let (mut streams, mut open) = (BTreeMap::new(), BTreeMap::new());
    for issuer in placement.minting_issuers() {
        let collection = newest_collection(connection, stream, issuer).await?;
        let collection = collection.ok_or(StoreError::NotFound)?;
        streams.insert(issuer, collection);
        open.insert(collection, open_range(connection, collection).await?);
    }
    insert(connection, &placement.requests(&streams, &mut open)?).await?;
    for (stream, open) in &open {
        advance(connection, *stream, open).await?;
    }
    Ok(())
}

async fn tokens_of(
    connection: &mut SqliteConnection,
    badge: Position,
) -> Result<Vec<Token>, StoreError> {
    all(connection, sqlx::query(sql::TOKENS_OF_BADGE).bind(badge.as_i64()), rows::token).await
}

async fn revoke_token(
    connection: &mut SqliteConnection,
    position: Position,
    reason: RevocationReason,
    at: Timestamp,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql::INSERT_REVOCATION)
        .bind(position.as_i64())
        .bind(reason.code())
        .bind(at.millis());
    run(connection, query).await.map(drop)
}

/// Answers a request; [`MintAnswer::Requested`] alone has written something.
pub(crate) async fn request(
    connection: &mut SqliteConnection,
    account: AccountId,
    request: &MintRequest,
) -> Result<MintAnswer, StoreError> {
    let badge = owned(connection, account, request.badge).await?;
    let query = sqlx::query(sql::BADGE_BY_POSITION).bind(badge.as_i64());
    let badge: BadgeRecord = one(connection, query, rows::badge).await?;
    let tokens = tokens_of(connection, badge.position).await?;
    let position = match mint_step(&badge, tokens, request) {
        MintStep::Answer(answer) => return Ok(*answer),
        MintStep::ChangeOwner(position) => {
            let change = sqlx::query(sql::CHANGE_OWNER)
                .bind(position.as_i64())
                .bind(request.recipient.owner.0.to_vec());
            guards::affected(run(connection, change).await?, 1, "open request")?;
            position
        }
        MintStep::Enqueue { replaced } => {
            let stream = badge.position.stream();
            let Some(stream) = newest_collection(connection, stream, badge.issuer).await? else {
                return Ok(MintAnswer::NoCollection);
            };
            if let Some(replaced) = replaced {
                let at = request.requested_at;
                let replace =
                    sqlx::query(sql::REPLACE_TOKEN).bind(replaced.as_i64()).bind(at.millis());
                guards::affected(run(connection, replace).await?, 1, "replaced token")?;
                revoke_token(connection, replaced, RevocationReason::Superseded, at).await?;
            }
            let mut open = open_range(connection, stream).await?;
            let token =
                NewToken::take(&mut open, badge.position, request.recipient, request.requested_at);
            insert(connection, &[token]).await?;
            advance(connection, stream, &open).await?;
            token.position
        }
    };
    let (actor, subject) = (format!("account {account}"), format!("token {position}"));
    note(connection, request.requested_at, &actor, "badge.mint", &subject).await?;
    let query = sqlx::query(sql::TOKEN_BY_POSITION).bind(position.as_i64());
    Ok(MintAnswer::Requested(one(connection, query, rows::token).await?))
}

/// Ends the tokens of a badge that is revoked.
pub(crate) async fn revoke(
    connection: &mut SqliteConnection,
    request: &RevocationRequest,
) -> Result<(), StoreError> {
    for token in tokens_of(connection, request.position).await? {
        match stage(&token) {
            Stage::Open => withdraw(connection, token.position).await?,
            Stage::BeingSealed | Stage::Sealed | Stage::Final => {
                let (reason, at) = (request.reason, request.requested_at);
                revoke_token(connection, token.position, reason, at).await?;
            }
        }
    }
    Ok(())
}

async fn withdraw(connection: &mut SqliteConnection, position: Position) -> Result<(), StoreError> {
    let withdrawn = run(connection, sqlx::query(sql::WITHDRAW_TOKEN).bind(position.as_i64()));
    guards::affected(withdrawn.await?, 1, "withdrawn request")
}

/// Takes a badge that is to be erased out of its tokens; nothing is written when one of them is
/// being sealed.
pub(crate) async fn unlink(
    connection: &mut SqliteConnection,
    badge: Position,
) -> Result<Erasure, StoreError> {
    let tokens = tokens_of(connection, badge).await?;
    if tokens.iter().any(|token| stage(token) == Stage::BeingSealed) {
        return Ok(Erasure::BeingSealed);
    }
    for token in &tokens {
        let place = token.position.as_i64();
        let stage = stage(token);
        if stage == Stage::Open {
            withdraw(connection, token.position).await?;
            continue;
        }
        let unlinked = run(connection, sqlx::query(sql::UNLINK_TOKEN).bind(place)).await?;
        guards::affected(unlinked, 1, "unlinked token")?;
        if stage == Stage::Final {
            let forget = sqlx::query(sql::FORGET_OWNERS).bind(place).bind(place + 1);
            guards::affected(run(connection, forget).await?, 1, "forgotten owner")?;
        }
    }
    Ok(Erasure::Erased)
}
