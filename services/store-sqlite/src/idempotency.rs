//! Names of requests, in the transactions of what the requests do.

use std::collections::HashMap;

use domain::{Accepted, AccountId, MintRequest, Revocation, StreamId, Submission};
use proof::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use store::rows::{self, DeedColumns};
use store::{
    Claim, Deed, Free, Idempotency, KeptRequest, MintAnswer, PRUNED_AT_ONCE, RequestKey,
    RevocationRequest, StoreError, guards, sql,
};

use crate::SqliteStore;
use crate::error::stored;
use crate::intake::{self, CHUNK};
use crate::minting;
use crate::rows::{all, maybe, run};

#[async_trait::async_trait]
impl Idempotency for SqliteStore {
    async fn kept(
        &self,
        key: RequestKey,
        now: Timestamp,
    ) -> Result<Option<KeptRequest>, StoreError> {
        let query = sqlx::query(sql::KEPT_REQUEST)
            .bind(key.account.0)
            .bind(key.hash.0.to_vec())
            .bind(now.millis());
        maybe(&mut *self.files.reader().await?, query, rows::kept_request).await
    }

    async fn accept_claiming(
        &self,
        stream: StreamId,
        submissions: &[Submission],
        claims: &[Option<Claim>],
    ) -> Result<Vec<Option<Accepted>>, StoreError> {
        guards::accept_size(submissions.len())?;
        let mut writer = self.files.intake_writer().await?;
        let mut tx = writer.begin().await?;
        let kept = kept_keys(&mut tx, claims).await?;
        let free = Free::of(submissions.len(), claims, &kept);
        let accepted = intake::accept(&mut tx, stream, &free.select(submissions)).await?;
        let (answers, deeds) = free.conclude(submissions, accepted);
        if !keep(&mut tx, &deeds).await? {
            return Err(StoreError::KeyTaken);
        }
        tx.commit().await.map_err(stored)?;
        Ok(answers)
    }

    async fn request_mint_claiming(
        &self,
        account: AccountId,
        request: &MintRequest,
        claim: Option<&Claim>,
    ) -> Result<MintAnswer, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let answer = minting::request(&mut tx, account, request).await?;
        keep_one(&mut tx, claim, Deed::of_mint(request.badge, &answer)).await?;
        tx.commit().await.map_err(stored)?;
        Ok(answer)
    }

    async fn request_revocation_claiming(
        &self,
        request: RevocationRequest,
        claim: Option<&Claim>,
    ) -> Result<Revocation, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let revocation = intake::request_revocation(&mut tx, request).await?;
        keep_one(&mut tx, claim, Deed::of_revocation(&request, &revocation)).await?;
        tx.commit().await.map_err(stored)?;
        Ok(revocation)
    }
}

async fn keep_one(
    connection: &mut SqliteConnection,
    claim: Option<&Claim>,
    deed: Option<Deed>,
) -> Result<(), StoreError> {
    let (Some(claim), Some(deed)) = (claim, deed) else { return Ok(()) };
    if keep(connection, &[(*claim, deed)]).await? { Ok(()) } else { Err(StoreError::KeyTaken) }
}

/// Names that are stored, with their ends.
async fn kept_keys(
    connection: &mut SqliteConnection,
    claims: &[Option<Claim>],
) -> Result<HashMap<RequestKey, Timestamp>, StoreError> {
    let keys: Vec<_> = claims.iter().flatten().map(|claim| claim.key).collect();
    let mut kept = HashMap::new();
    for chunk in keys.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new("WITH wanted (account_id, key_hash) AS (");
        query.push_values(chunk, |mut values, key| {
            values.push_bind(key.account.0).push_bind(key.hash.0.to_vec());
        });
        query.push(
            ") SELECT r.account_id, r.key_hash, r.expires_at
            FROM wanted w CROSS JOIN request_key r
            ON r.account_id = w.account_id AND r.key_hash = w.key_hash",
        );
        kept.extend(all(connection, query.build(), rows::request_key).await?);
    }
    Ok(kept)
}

/// Stores names with what they stand for; `false` when one of them is taken.
async fn keep(
    connection: &mut SqliteConnection,
    deeds: &[(Claim, Deed)],
) -> Result<bool, StoreError> {
    let Some(now) = deeds.iter().map(|(claim, _)| claim.at.millis()).max() else {
        return Ok(true);
    };
    for chunk in deeds.chunks(CHUNK) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO request_key (account_id, key_hash, expires_at, fingerprint, deed,
            badge_pos, repeated, token_pos, requested_at, final_at) ",
        );
        query.push_values(chunk, |mut values, (claim, deed)| {
            let columns = DeedColumns::from(deed);
            values.push_bind(claim.key.account.0);
            values.push_bind(claim.key.hash.0.to_vec());
            values.push_bind(claim.expires_at.millis());
            values.push_bind(claim.fingerprint.0.to_vec());
            values.push_bind(columns.name);
            values.push_bind(columns.badge);
            values.push_bind(columns.repeated);
            values.push_bind(columns.token);
            values.push_bind(columns.requested_at);
            values.push_bind(columns.final_at);
        });
        query.push(format_args!(" {} WHERE request_key.expires_at <= ", sql::TAKE_EXPIRED_KEY));
        query.push_bind(now);
        if run(connection, query.build()).await? != chunk.len() as u64 {
            return Ok(false);
        }
    }
    let prune = sqlx::query(sql::PRUNE_REQUEST_KEYS).bind(now).bind(PRUNED_AT_ONCE);
    run(connection, prune).await?;
    Ok(true)
}
