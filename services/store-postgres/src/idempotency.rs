//! Names of requests, in the transactions of what the requests do.

use std::collections::HashMap;

use domain::{Accepted, AccountId, MintRequest, Revocation, StreamId, Submission};
use proof::Timestamp;
use sqlx::PgConnection;
use store::rows::{self, DeedColumns};
use store::{
    Claim, Deed, Free, Idempotency, KeptRequest, MintAnswer, PRUNED_AT_ONCE, RequestKey,
    RevocationRequest, StoreError, guards, sql,
};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::row::{all, change, first};
use crate::sql as dialect;
use crate::transaction::{WRITE, transaction};
use crate::{intake, minting};

#[async_trait::async_trait]
impl Idempotency for PostgresStore {
    async fn kept(
        &self,
        key: RequestKey,
        now: Timestamp,
    ) -> Result<Option<KeptRequest>, StoreError> {
        let statement =
            sqlx::query(sql::KEPT_REQUEST).bind(key.account.0).bind(key.hash.0).bind(now.millis());
        Ok(first(statement, &self.pool, rows::kept_request).await?)
    }

    async fn accept_claiming(
        &self,
        stream: StreamId,
        submissions: &[Submission],
        claims: &[Option<Claim>],
    ) -> Result<Vec<Option<Accepted>>, StoreError> {
        guards::accept_size(submissions.len())?;
        transaction!(self, WRITE, |tx| accept(tx, stream, submissions, claims))
    }

    async fn request_mint_claiming(
        &self,
        account: AccountId,
        request: &MintRequest,
        claim: Option<&Claim>,
    ) -> Result<MintAnswer, StoreError> {
        transaction!(self, WRITE, |tx| request_mint(tx, account, request, claim))
    }

    async fn request_revocation_claiming(
        &self,
        request: RevocationRequest,
        claim: Option<&Claim>,
    ) -> Result<Revocation, StoreError> {
        transaction!(self, WRITE, |tx| request_revocation(tx, request, claim))
    }
}

async fn accept(
    tx: &mut PgConnection,
    stream: StreamId,
    submissions: &[Submission],
    claims: &[Option<Claim>],
) -> Result<Vec<Option<Accepted>>, Failure> {
    let kept = kept_keys(tx, claims).await?;
    let free = Free::of(submissions.len(), claims, &kept);
    let accepted = intake::accept(tx, stream, &free.select(submissions)).await?;
    let (answers, deeds) = free.conclude(submissions, accepted);
    if keep(tx, &deeds).await? {
        Ok(answers)
    } else {
        // taken since it was read: the next try finds it taken
        Err(Failure::Outrun)
    }
}

async fn request_mint(
    tx: &mut PgConnection,
    account: AccountId,
    request: &MintRequest,
    claim: Option<&Claim>,
) -> Result<MintAnswer, Failure> {
    let answer = minting::request(tx, account, request).await?;
    keep_one(tx, claim, Deed::of_mint(request.badge, &answer)).await?;
    Ok(answer)
}

async fn request_revocation(
    tx: &mut PgConnection,
    request: RevocationRequest,
    claim: Option<&Claim>,
) -> Result<Revocation, Failure> {
    let revocation = intake::request_revocation(tx, request).await?;
    keep_one(tx, claim, Deed::of_revocation(&request, &revocation)).await?;
    Ok(revocation)
}

async fn keep_one(
    tx: &mut PgConnection,
    claim: Option<&Claim>,
    deed: Option<Deed>,
) -> Result<(), Failure> {
    let (Some(claim), Some(deed)) = (claim, deed) else { return Ok(()) };
    if keep(tx, &[(*claim, deed)]).await? { Ok(()) } else { Err(StoreError::KeyTaken.into()) }
}

/// Names that are stored, with their ends.
async fn kept_keys(
    tx: &mut PgConnection,
    claims: &[Option<Claim>],
) -> Result<HashMap<RequestKey, Timestamp>, Failure> {
    let keys: Vec<_> = claims.iter().flatten().map(|claim| claim.key).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let accounts: Vec<i64> = keys.iter().map(|key| key.account.0).collect();
    let hashes: Vec<&[u8]> = keys.iter().map(|key| &key.hash.0[..]).collect();
    let statement = sqlx::query(dialect::REQUEST_KEYS).bind(accounts).bind(hashes);
    Ok(all(statement, tx, rows::request_key).await?.into_iter().collect())
}

/// Stores names with what they stand for; `false` when another took one of them meanwhile. Comes
/// last in its transaction: whoever waits here for another's name holds what it needs.
async fn keep(tx: &mut PgConnection, deeds: &[(Claim, Deed)]) -> Result<bool, Failure> {
    let Some(now) = deeds.iter().map(|(claim, _)| claim.at.millis()).max() else {
        return Ok(true);
    };
    let claims = || deeds.iter().map(|(claim, _)| claim);
    let columns = || deeds.iter().map(|(_, deed)| DeedColumns::from(deed));
    let insert = sqlx::query(dialect::KEEP_REQUESTS)
        .bind(claims().map(|claim| claim.key.account.0).collect::<Vec<_>>())
        .bind(claims().map(|claim| &claim.key.hash.0[..]).collect::<Vec<_>>())
        .bind(claims().map(|claim| claim.expires_at.millis()).collect::<Vec<_>>())
        .bind(claims().map(|claim| &claim.fingerprint.0[..]).collect::<Vec<_>>())
        .bind(columns().map(|it| it.name).collect::<Vec<_>>())
        .bind(columns().map(|it| it.badge).collect::<Vec<_>>())
        .bind(columns().map(|it| it.repeated).collect::<Vec<_>>())
        .bind(columns().map(|it| it.token).collect::<Vec<_>>())
        .bind(columns().map(|it| it.requested_at).collect::<Vec<_>>())
        .bind(columns().map(|it| it.final_at).collect::<Vec<_>>())
        .bind(now);
    if change(insert, &mut *tx).await? != deeds.len() as u64 {
        return Ok(false);
    }
    let prune = sqlx::query(dialect::PRUNE_REQUEST_KEYS).bind(now).bind(PRUNED_AT_ONCE);
    change(prune, tx).await?;
    Ok(true)
}
