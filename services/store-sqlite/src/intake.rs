//! Badges in, and out again on demand.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Accepted, AccountId, Position, Revocation, StreamId, Submission};
use proof::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use store::placement::{BadgeKey, NewBadge, Placement};
use store::rows::OpenRange;
use store::{Erasure, Intake, RevocationRequest, StoreError, guards, rows, sql};

use crate::SqliteStore;
use crate::administration::note;
use crate::error::stored;
use crate::files::Files;
use crate::minting;
use crate::rows::{all, maybe, one, run};

/// Rows of one statement: past this, statements grow slower than they get fewer.
pub(crate) const CHUNK: usize = 100;

/// What is stored of the submissions. Row by row this would be a thread hop each.
async fn known(
    connection: &mut SqliteConnection,
    submissions: &[Submission],
) -> Result<HashMap<BadgeKey, Accepted>, StoreError> {
    let mut known = HashMap::new();
    for chunk in submissions.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new("WITH wanted (digest, rule, issuer_id) AS (");
        query.push_values(chunk, |mut values, submission| {
            values.push_bind(submission.digest.0.to_vec());
            values.push_bind(submission.rule.code());
            values.push_bind(submission.issuer.0);
        });
        // the CROSS JOIN fixes the order: each wanted row is one search of the unique index
        query.push(
            ") SELECT b.*, (SELECT m.document FROM badge_metadata m WHERE m.pos = b.pos) AS metadata
            FROM wanted w CROSS JOIN badge b
            ON b.digest = w.digest AND b.rule = w.rule AND b.issuer_id = w.issuer_id",
        );
        known.extend(all(connection, query.build(), rows::accepted).await?);
    }
    Ok(known)
}

/// What of a stream is open.
pub(crate) async fn open_range(
    connection: &mut SqliteConnection,
    stream: StreamId,
) -> Result<OpenRange, StoreError> {
    one(connection, sqlx::query(sql::OPEN_RANGE).bind(stream.0), rows::open_range).await
}

/// After positions were given out.
pub(crate) async fn advance(
    connection: &mut SqliteConnection,
    stream: StreamId,
    after: &OpenRange,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql::ADVANCE_STREAM)
        .bind(stream.0)
        .bind(after.next.as_i64())
        .bind(after.since.map(Timestamp::millis))
        .bind(after.deadline_at.map(Timestamp::millis));
    guards::affected(run(connection, query).await?, 1, "stream")
}

async fn insert(
    connection: &mut SqliteConnection,
    badges: &[NewBadge<'_>],
) -> Result<(), StoreError> {
    for chunk in badges.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO badge (pos, accepted_at, window_started_at, issuer_id, rule, digest, salt,
            external_id, public_lookup, recipient, id_tag) ",
        );
        query.push_values(chunk, |mut values, new| {
            let badge = new.submission;
            values.push_bind(new.position.as_i64());
            values.push_bind(badge.accepted_at.millis());
            values.push_bind(badge.window_started_at.map(Timestamp::millis));
            values.push_bind(badge.issuer.0);
            values.push_bind(badge.rule.code());
            values.push_bind(badge.digest.0.to_vec());
            values.push_bind(badge.salt.0.to_vec());
            values.push_bind(badge.external_id.as_ref().map(|id| id.as_str().to_owned()));
            values.push_bind(i64::from(badge.public_lookup));
            values.push_bind(badge.recipient.map(|recipient| recipient.owner.0.to_vec()));
            values.push_bind(badge.id_tag.map(|tag| tag.0.to_vec()));
        });
        let inserted = run(connection, query.build()).await?;
        guards::affected(inserted, chunk.len() as u64, "new badges")?;
    }
    Ok(())
}

/// What tokens may show of the new badges, where issuers said so.
async fn insert_metadata(
    connection: &mut SqliteConnection,
    badges: &[NewBadge<'_>],
) -> Result<(), StoreError> {
    let mut documents = Vec::new();
    for badge in badges {
        if let Some(metadata) = &badge.submission.metadata {
            documents.push((badge.position.as_i64(), rows::metadata_to_json(metadata)?));
        }
    }
    for chunk in documents.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO badge_metadata (pos, document) ");
        query.push_values(chunk, |mut values, (position, document)| {
            values.push_bind(position).push_bind(document.clone());
        });
        let inserted = run(connection, query.build()).await?;
        guards::affected(inserted, chunk.len() as u64, "metadata")?;
    }
    Ok(())
}

pub(crate) async fn owned(
    connection: &mut SqliteConnection,
    account: AccountId,
    position: Position,
) -> Result<Position, StoreError> {
    let query = sqlx::query(sql::BADGE_OF_ACCOUNT).bind(position.as_i64()).bind(account.0);
    one(connection, query, rows::position).await
}

/// Whose badge is erased, and at whose word.
pub(crate) struct Eraser {
    pub(crate) account: AccountId,
    pub(crate) actor: String,
}

/// Stores what is new of the submissions.
pub(crate) async fn accept(
    tx: &mut SqliteConnection,
    stream: StreamId,
    submissions: &[Submission],
) -> Result<Vec<Accepted>, StoreError> {
    let open = open_range(tx, stream).await?;
    guards::takes_badges(&open)?;
    let known = known(tx, submissions).await?;
    let placement = Placement::of(open, submissions, known);
    if !placement.new.is_empty() {
        insert(tx, &placement.new).await?;
        insert_metadata(tx, &placement.new).await?;
        minting::enqueue(tx, stream, &placement).await?;
        advance(tx, stream, &placement.open).await?;
    }
    Ok(placement.accepted)
}

/// Records a request to revoke, for the badge and its tokens.
pub(crate) async fn request_revocation(
    tx: &mut SqliteConnection,
    request: RevocationRequest,
) -> Result<Revocation, StoreError> {
    let position = owned(tx, request.account, request.position).await?;
    let query = sqlx::query(sql::INSERT_REVOCATION)
        .bind(position.as_i64())
        .bind(request.reason.code())
        .bind(request.requested_at.millis());
    if run(tx, query).await? == 1 {
        let actor = format!("account {}", request.account);
        let subject = format!("badge {position}");
        note(tx, request.requested_at, &actor, "badge.revoke", &subject).await?;
    }
    minting::revoke(tx, &request).await?;
    let stored_request = sqlx::query(sql::REVOCATION).bind(position.as_i64());
    one(tx, stored_request, rows::revocation).await
}

/// Deletes the row and then its traces in the log.
pub(crate) async fn erase(
    files: Arc<Files>,
    by: Eraser,
    position: Position,
    now: Timestamp,
) -> Result<Erasure, StoreError> {
    let mut writer = files.writer().await?;
    let mut tx = writer.begin().await?;
    owned(&mut tx, by.account, position).await?;
    let covering =
        sqlx::query(sql::COVERING_STATE).bind(position.stream().0).bind(position.as_i64());
    let is_cut = maybe(&mut tx, covering, rows::batch_state_is_cut).await?;
    if is_cut == Some(true) {
        return Ok(Erasure::BeingSealed);
    }
    if minting::unlink(&mut tx, position).await? == Erasure::BeingSealed {
        return Ok(Erasure::BeingSealed);
    }
    run(&mut tx, sqlx::query(sql::DELETE_METADATA).bind(position.as_i64())).await?;
    run(&mut tx, sqlx::query(sql::FORGET_REQUEST).bind(position.as_i64())).await?;
    let deleted = run(&mut tx, sqlx::query(sql::DELETE_BADGE).bind(position.as_i64())).await?;
    guards::affected(deleted, 1, "erased badge")?;
    if is_cut.is_none() {
        run(&mut tx, sqlx::query(sql::DELETE_REVOCATION).bind(position.as_i64())).await?;
    }
    let listed = sqlx::query(sql::INSERT_ERASURE).bind(position.as_i64()).bind(now.millis());
    run(&mut tx, listed).await?;
    note(&mut tx, now, &by.actor, "badge.erase", &format!("badge {position}")).await?;
    tx.commit().await.map_err(stored)?;
    drop(writer);
    // a crash here leaves the bytes in the log; opening the database empties it
    files.truncate_log().await?;
    Ok(Erasure::Erased)
}

#[async_trait::async_trait]
impl Intake for SqliteStore {
    async fn accept(
        &self,
        stream: StreamId,
        submissions: &[Submission],
    ) -> Result<Vec<Accepted>, StoreError> {
        guards::accept_size(submissions.len())?;
        let mut writer = self.files.intake_writer().await?;
        let mut tx = writer.begin().await?;
        let accepted = accept(&mut tx, stream, submissions).await?;
        tx.commit().await.map_err(stored)?;
        Ok(accepted)
    }

    async fn erase(
        &self,
        account: AccountId,
        position: Position,
        now: Timestamp,
    ) -> Result<Erasure, StoreError> {
        // a caller who hangs up must not keep the bytes in the log
        let by = Eraser { account, actor: format!("account {account}") };
        let work = tokio::spawn(erase(Arc::clone(&self.files), by, position, now));
        work.await.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }
}
