//! Accounts, issuers, keys, streams, and what the trust file publishes.

use domain::{
    Account, AccountId, ApiKeyRecord, Collection, CollectionId, Control, Issuer, IssuerId,
    NewCollection, Position, Stream, StreamId, StreamKind,
};
use proof::{Address, Hash, IssuerIdentifier, Timestamp, TrustFile};
use sqlx::PgConnection;
use store::rows::{self, bindable};
use store::{
    Administration, EndedAccount, ReceiptKeyRecord, RegistryRecord, StoreError, TrustVersion,
    audit_log, guards, sql,
};

use crate::PostgresStore;
use crate::accounts;
use crate::failure::Failure;
use crate::row::{all, change, first, one};
use crate::sql as dialect;
use crate::transaction::{WRITE, order_ids, transaction};

/// Who does what no request and no signer does.
pub(crate) const ADMINISTRATOR: &str = "administrator";

/// Writes down who did what, in the transaction that does it.
pub(crate) async fn note(
    tx: &mut PgConnection,
    at: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
) -> Result<(), Failure> {
    let statement =
        sqlx::query(sql::INSERT_AUDIT).bind(at.millis()).bind(actor).bind(action).bind(subject);
    change(statement, tx).await?;
    Ok(())
}

#[async_trait::async_trait]
impl Administration for PostgresStore {
    async fn add_account(&self, name: &str, now: Timestamp) -> Result<Account, StoreError> {
        transaction!(self, WRITE, |tx| accounts::add_account(tx, name, now))
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        Ok(all(sqlx::query(sql::ACCOUNTS), &self.pool, rows::account).await?)
    }

    async fn disable_account(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<EndedAccount, StoreError> {
        transaction!(self, WRITE, |tx| accounts::disable_account(tx, account, now))
    }

    async fn add_issuer(
        &self,
        account: AccountId,
        identifier: &IssuerIdentifier,
        aliases: &[String],
        control: Control,
        now: Timestamp,
    ) -> Result<Issuer, StoreError> {
        let issuer = Issuer {
            // given by the database
            id: IssuerId(0),
            account,
            identifier: identifier.clone(),
            aliases: aliases.to_vec(),
            control,
            created_at: now,
            disabled_at: None,
        };
        let id = transaction!(self, WRITE, |tx| accounts::add_issuer(tx, &issuer))?;
        Ok(Issuer { id, ..issuer })
    }

    async fn issuers(&self, account: Option<AccountId>) -> Result<Vec<Issuer>, StoreError> {
        let statement = match account {
            Some(account) => sqlx::query(sql::ISSUERS_OF_ACCOUNT).bind(account.0),
            None => sqlx::query(sql::ISSUERS),
        };
        Ok(all(statement, &self.pool, rows::issuer).await?)
    }

    async fn disable_issuer(&self, issuer: IssuerId, now: Timestamp) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| accounts::disable_issuer(tx, issuer, now))
    }

    async fn add_key(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| accounts::add_key(tx, key))
    }

    async fn key(&self, hash: Hash) -> Result<Option<ApiKeyRecord>, StoreError> {
        let statement = sqlx::query(sql::KEY).bind(hash.0);
        Ok(first(statement, &self.pool, rows::api_key).await?)
    }

    async fn keys(&self, account: AccountId) -> Result<Vec<ApiKeyRecord>, StoreError> {
        let statement = sqlx::query(sql::KEYS_OF_ACCOUNT).bind(account.0);
        Ok(all(statement, &self.pool, rows::api_key).await?)
    }

    async fn revoke_key(
        &self,
        account: AccountId,
        shown: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        transaction!(self, WRITE, |tx| accounts::revoke_key(tx, account, shown, now))
    }

    async fn stream(
        &self,
        chain_id: u64,
        registry: Address,
        service: &str,
        promise_ms: i64,
        now: Timestamp,
    ) -> Result<Stream, StoreError> {
        let wanted = Stream {
            // both given by the database
            id: StreamId(0),
            shard: 0,
            chain_id,
            registry,
            service: service.to_owned(),
            kind: StreamKind::Anchor,
            promise_ms,
        };
        transaction!(self, WRITE, |tx| stream(tx, &wanted, now))
    }

    async fn add_collection(
        &self,
        collection: &NewCollection,
        now: Timestamp,
    ) -> Result<Collection, StoreError> {
        transaction!(self, WRITE, |tx| add_collection(tx, collection, now))
    }

    async fn collections(&self) -> Result<Vec<Collection>, StoreError> {
        Ok(all(sqlx::query(sql::COLLECTIONS), &self.pool, rows::collection).await?)
    }

    async fn add_registry(&self, registry: &RegistryRecord) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| add_registry(tx, registry))
    }

    async fn registries(&self) -> Result<Vec<RegistryRecord>, StoreError> {
        Ok(all(sqlx::query(sql::REGISTRIES), &self.pool, rows::registry).await?)
    }

    async fn add_receipt_key(&self, key: &ReceiptKeyRecord) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| add_receipt_key(tx, key))
    }

    async fn receipt_keys(&self) -> Result<Vec<ReceiptKeyRecord>, StoreError> {
        Ok(all(sqlx::query(sql::RECEIPT_KEYS), &self.pool, rows::receipt_key).await?)
    }

    async fn publish_trust(
        &self,
        file: &TrustFile,
        after: i64,
        now: Timestamp,
    ) -> Result<TrustVersion, StoreError> {
        transaction!(self, WRITE, |tx| publish_trust(tx, file, after, now))
    }

    async fn trust_version(&self, version: i64) -> Result<Option<TrustVersion>, StoreError> {
        let statement = sqlx::query(sql::TRUST_VERSION).bind(version);
        Ok(first(statement, &self.pool, rows::trust_version).await?)
    }

    async fn trust_history(&self) -> Result<Vec<TrustVersion>, StoreError> {
        Ok(all(sqlx::query(sql::TRUST_HISTORY), &self.pool, rows::trust_version).await?)
    }
}

async fn stream(tx: &mut PgConnection, wanted: &Stream, now: Timestamp) -> Result<Stream, Failure> {
    // before looking: no constraint forbids a second shard of the same facts
    order_ids(tx, dialect::STREAM_IDS).await?;
    let existing = sqlx::query(sql::STREAM_BY_FACTS)
        .bind(bindable(wanted.chain_id, "chain id")?)
        .bind(wanted.registry.0)
        .bind(&wanted.service)
        .bind(wanted.promise_ms);
    if let Some(stream) = first(existing, &mut *tx, rows::stream).await? {
        return Ok(stream);
    }
    let stream = add_stream(tx, wanted).await?;
    note(tx, now, ADMINISTRATOR, "stream.add", &audit_log::stream_subject(&stream)).await?;
    Ok(stream)
}

/// Stores a stream with its genesis row; id and shard are the next ones, which the caller keeps
/// others from taking.
async fn add_stream(tx: &mut PgConnection, wanted: &Stream) -> Result<Stream, Failure> {
    let chain = bindable(wanted.chain_id, "chain id")?;
    let (registry, kind) = (wanted.registry.0, wanted.kind.name());
    let next = sqlx::query(sql::NEXT_STREAM).bind(chain).bind(registry).bind(kind);
    let read = |row: &_| Ok((rows::count(row, "stream_id")?, rows::count(row, "shard")?));
    let (id, shard): (i64, i64) = one(next, &mut *tx, read).await?;
    let too_many = |_| StoreError::Limit(format!("{} streams", i16::MAX));
    let id = StreamId(i16::try_from(id).map_err(too_many)?);
    let shard = i16::try_from(shard).map_err(too_many)?;
    let first_position = Position::first_of(id).as_i64();
    let insert = sqlx::query(sql::INSERT_STREAM)
        .bind(id.0)
        .bind(chain)
        .bind(registry)
        .bind(&wanted.service)
        .bind(kind)
        .bind(shard)
        .bind(wanted.promise_ms)
        .bind(first_position)
        .bind(wanted.kind.collection().map(|contract| contract.0));
    change(insert, &mut *tx).await?;
    change(sqlx::query(sql::INSERT_GENESIS).bind(id.0).bind(first_position), tx).await?;
    Ok(Stream { id, shard, ..wanted.clone() })
}

async fn add_collection(
    tx: &mut PgConnection,
    given: &NewCollection,
    now: Timestamp,
) -> Result<Collection, Failure> {
    let chain = bindable(given.chain_id, "chain id")?;
    // of the stream and of the volume, too
    order_ids(tx, dialect::STREAM_IDS).await?;
    let existing = sqlx::query(sql::COLLECTION_BY_CONTRACT).bind(chain).bind(given.contract.0);
    if let Some(recorded) = first(existing, &mut *tx, rows::collection).await? {
        guards::same_collection(&recorded, given)?;
        return Ok(recorded);
    }
    let wanted = Stream {
        // both given by the database
        id: StreamId(0),
        shard: 0,
        chain_id: given.chain_id,
        registry: given.registry,
        service: given.service.clone(),
        kind: StreamKind::Mint { collection: given.contract },
        promise_ms: given.promise_ms,
    };
    let stream = add_stream(tx, &wanted).await?;
    let issuer = given.issuer.map(|issuer| issuer.0);
    let next = sqlx::query(sql::NEXT_VOLUME).bind(chain).bind(issuer.unwrap_or(0));
    let volume: i32 = one(next, &mut *tx, |row| rows::count(row, "volume")).await?;
    let insert = sqlx::query(sql::INSERT_COLLECTION)
        .bind(stream.id.0)
        .bind(chain)
        .bind(issuer)
        .bind(volume)
        .bind(bindable(given.from_block, "block number")?)
        .bind(given.code_hash.0)
        .bind(now.millis());
    let id = CollectionId(one(insert, &mut *tx, |row| rows::count(row, "id")).await?);
    let subject = format!("collection {} of chain {chain}", given.contract);
    note(tx, now, ADMINISTRATOR, "collection.add", &subject).await?;
    Ok(Collection {
        id,
        stream,
        issuer: given.issuer,
        volume,
        from_block: given.from_block,
        code_hash: given.code_hash,
        created_at: now,
    })
}

async fn add_registry(tx: &mut PgConnection, registry: &RegistryRecord) -> Result<(), Failure> {
    let chain = bindable(registry.chain_id, "chain id")?;
    let insert = sqlx::query(sql::INSERT_REGISTRY)
        .bind(chain)
        .bind(registry.address.0)
        .bind(bindable(registry.from_block, "block number")?)
        .bind(registry.code_hash.0)
        .bind(registry.created_at.millis());
    if change(insert, &mut *tx).await? == 1 {
        let subject = format!("registry {} of chain {chain}", registry.address);
        note(&mut *tx, registry.created_at, ADMINISTRATOR, "registry.add", &subject).await?;
    }
    let recorded = sqlx::query(sql::REGISTRY).bind(chain).bind(registry.address.0);
    Ok(guards::same_registry(&one(recorded, tx, rows::registry).await?, registry)?)
}

async fn add_receipt_key(tx: &mut PgConnection, key: &ReceiptKeyRecord) -> Result<(), Failure> {
    let insert = sqlx::query(sql::INSERT_RECEIPT_KEY)
        .bind(key.key_id.0)
        .bind(key.public_key)
        .bind(key.not_before.millis())
        .bind(key.not_after.map(Timestamp::millis))
        .bind(key.revoked_at.map(Timestamp::millis));
    if change(insert, &mut *tx).await? == 1 {
        let subject = format!("receipt key {}", key.key_id);
        note(tx, key.not_before, ADMINISTRATOR, "receipt_key.add", &subject).await?;
    }
    Ok(())
}

async fn publish_trust(
    tx: &mut PgConnection,
    file: &TrustFile,
    after: i64,
    now: Timestamp,
) -> Result<TrustVersion, Failure> {
    let document = file.to_json();
    let statement = sqlx::query(sql::PUBLISH_TRUST).bind(after).bind(now.millis()).bind(&document);
    let version = match first(statement, &mut *tx, |row| rows::count(row, "version")).await {
        // whoever published at the same time took this number; the next try finds it taken
        Err(Failure::Database(error)) => return Err(Failure::unless_overtaken(error)),
        answered => guards::still_newest(answered?)?,
    };
    let subject = TrustVersion::log_subject(version, file.digest());
    note(tx, now, ADMINISTRATOR, TrustVersion::PUBLISHED, &subject).await?;
    Ok(TrustVersion { version, published_at: now, document })
}
