//! Accounts, issuers and keys: what changes them, within a transaction.

use domain::{Account, AccountId, ApiKeyRecord, Issuer, IssuerId};
use proof::Timestamp;
use sqlx::PgConnection;
use store::{EndedAccount, StoreError, guards, rows, sql};

use crate::administration::{ADMINISTRATOR, note};
use crate::failure::Failure;
use crate::row::{all, change, one};
use crate::sql as dialect;
use crate::transaction::order_ids;

pub(crate) async fn add_account(
    tx: &mut PgConnection,
    name: &str,
    now: Timestamp,
) -> Result<Account, Failure> {
    let statement = sqlx::query(sql::INSERT_ACCOUNT).bind(name).bind(now.millis());
    let id = AccountId(one(statement, &mut *tx, |row| rows::count(row, "id")).await?);
    note(tx, now, ADMINISTRATOR, "account.add", &format!("account {id}")).await?;
    Ok(Account { id, name: name.to_owned(), created_at: now })
}

pub(crate) async fn disable_account(
    tx: &mut PgConnection,
    account: AccountId,
    now: Timestamp,
) -> Result<EndedAccount, Failure> {
    let accounts = all(sqlx::query(sql::ACCOUNTS), &mut *tx, rows::account).await?;
    guards::known_account(&accounts, account)?;
    let keys = sqlx::query(sql::REVOKE_KEYS_OF_ACCOUNT).bind(account.0).bind(now.millis());
    let keys = change(keys, &mut *tx).await?;
    let issuers = sqlx::query(sql::DISABLE_ISSUERS_OF_ACCOUNT).bind(account.0).bind(now.millis());
    let issuers = change(issuers, &mut *tx).await?;
    note(tx, now, ADMINISTRATOR, "account.disable", &format!("account {account}")).await?;
    Ok(EndedAccount { keys, issuers })
}

pub(crate) async fn add_issuer(
    tx: &mut PgConnection,
    issuer: &Issuer,
) -> Result<IssuerId, Failure> {
    guards::customer(issuer.account)?;
    // no constraint keeps an alias from being given twice
    order_ids(tx, dialect::ISSUER_IDS).await?;
    let known = all(sqlx::query(sql::ISSUERS), &mut *tx, rows::issuer).await?;
    guards::free_names(&known, &issuer.identifier, &issuer.aliases)?;
    let statement = sqlx::query(sql::INSERT_ISSUER)
        .bind(issuer.account.0)
        .bind(issuer.identifier.as_str())
        .bind(issuer.identifier.hash().0)
        .bind(rows::to_json(&issuer.aliases)?)
        .bind(issuer.control.name())
        .bind(issuer.created_at.millis());
    let id = IssuerId(one(statement, &mut *tx, |row| rows::count(row, "id")).await?);
    let subject = format!("issuer {id} of account {}: {}", issuer.account, issuer.identifier);
    note(tx, issuer.created_at, ADMINISTRATOR, "issuer.add", &subject).await?;
    Ok(id)
}

pub(crate) async fn disable_issuer(
    tx: &mut PgConnection,
    issuer: IssuerId,
    now: Timestamp,
) -> Result<(), Failure> {
    let statement = sqlx::query(sql::DISABLE_ISSUER).bind(issuer.0).bind(now.millis());
    if change(statement, &mut *tx).await? == 0 {
        return Err(StoreError::NotFound.into());
    }
    note(tx, now, ADMINISTRATOR, "issuer.disable", &format!("issuer {issuer}")).await
}

pub(crate) async fn add_key(tx: &mut PgConnection, key: &ApiKeyRecord) -> Result<(), Failure> {
    guards::customer(key.account)?;
    let issuers: Vec<i32> = key.issuers.iter().map(|issuer| issuer.0).collect();
    let statement = sqlx::query(sql::INSERT_KEY)
        .bind(key.hash.0)
        .bind(key.account.0)
        .bind(&key.shown)
        .bind(i16::from(key.scopes.bits()))
        .bind(rows::to_json(&issuers)?)
        .bind(key.created_at.millis())
        .bind(key.expires_at.map(Timestamp::millis))
        .bind(key.revoked_at.map(Timestamp::millis));
    change(statement, &mut *tx).await?;
    let subject = format!("key {} of account {}", key.shown, key.account);
    note(tx, key.created_at, ADMINISTRATOR, "key.add", &subject).await
}

pub(crate) async fn revoke_key(
    tx: &mut PgConnection,
    account: AccountId,
    shown: &str,
    now: Timestamp,
) -> Result<u64, Failure> {
    let statement = sqlx::query(sql::REVOKE_KEY).bind(account.0).bind(shown).bind(now.millis());
    let revoked = change(statement, &mut *tx).await?;
    if revoked > 0 {
        let subject = format!("key {shown} of account {account}");
        note(tx, now, ADMINISTRATOR, "key.revoke", &subject).await?;
    }
    Ok(revoked)
}
