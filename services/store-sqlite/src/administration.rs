//! Accounts, issuers, keys, streams, and what the trust file publishes.

use domain::{
    Account, AccountId, ApiKeyRecord, Collection, CollectionId, Control, Issuer, IssuerId,
    NewCollection, Position, Stream, StreamId, StreamKind,
};
use proof::{Address, Hash, IssuerIdentifier, Timestamp, TrustFile};
use sqlx::sqlite::SqliteConnection;
use store::rows::bindable;
use store::{
    Administration, EndedAccount, ReceiptKeyRecord, RegistryRecord, StoreError, TrustVersion,
    audit_log, guards, rows, sql,
};

use crate::SqliteStore;
use crate::error::stored;
use crate::rows::{all, maybe, one, run};

/// Who does what no request and no signer does.
pub(crate) const ADMINISTRATOR: &str = "administrator";

/// Writes down who did what, in the transaction that does it.
pub(crate) async fn note(
    connection: &mut SqliteConnection,
    at: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
) -> Result<(), StoreError> {
    let query = sqlx::query(sql::INSERT_AUDIT)
        .bind(at.millis())
        .bind(actor.to_owned())
        .bind(action.to_owned())
        .bind(subject.to_owned());
    run(connection, query).await.map(drop)
}

/// Stores a stream with its genesis row; id and shard are the next ones.
async fn add_stream(
    connection: &mut SqliteConnection,
    wanted: Stream,
) -> Result<Stream, StoreError> {
    let chain = bindable(wanted.chain_id, "chain id")?;
    let registry = wanted.registry.0.to_vec();
    let kind = wanted.kind.name();
    let next = sqlx::query(sql::NEXT_STREAM).bind(chain).bind(registry.clone()).bind(kind);
    let (id, shard): (i64, i64) = one(connection, next, |row| {
        Ok((rows::count(row, "stream_id")?, rows::count(row, "shard")?))
    })
    .await?;
    let too_many = |_| StoreError::Limit(format!("{} streams", i16::MAX));
    let id = StreamId(i16::try_from(id).map_err(too_many)?);
    let shard = i16::try_from(shard).map_err(too_many)?;
    let first = Position::first_of(id).as_i64();
    let insert = sqlx::query(sql::INSERT_STREAM)
        .bind(id.0)
        .bind(chain)
        .bind(registry)
        .bind(wanted.service.clone())
        .bind(kind)
        .bind(shard)
        .bind(wanted.promise_ms)
        .bind(first)
        .bind(wanted.kind.collection().map(|contract| contract.0.to_vec()));
    run(connection, insert).await?;
    run(connection, sqlx::query(sql::INSERT_GENESIS).bind(id.0).bind(first)).await?;
    Ok(Stream { id, shard, ..wanted })
}

#[async_trait::async_trait]
impl Administration for SqliteStore {
    async fn add_account(&self, name: &str, now: Timestamp) -> Result<Account, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::INSERT_ACCOUNT).bind(name.to_owned()).bind(now.millis());
        let id = AccountId(one(&mut tx, query, |row| rows::count(row, "id")).await?);
        note(&mut tx, now, ADMINISTRATOR, "account.add", &format!("account {id}")).await?;
        tx.commit().await.map_err(stored)?;
        Ok(Account { id, name: name.to_owned(), created_at: now })
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::ACCOUNTS), rows::account).await
    }

    async fn disable_account(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<EndedAccount, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let accounts = all(&mut tx, sqlx::query(sql::ACCOUNTS), rows::account).await?;
        guards::known_account(&accounts, account)?;
        let keys = sqlx::query(sql::REVOKE_KEYS_OF_ACCOUNT).bind(account.0).bind(now.millis());
        let keys = run(&mut tx, keys).await?;
        let issuers =
            sqlx::query(sql::DISABLE_ISSUERS_OF_ACCOUNT).bind(account.0).bind(now.millis());
        let issuers = run(&mut tx, issuers).await?;
        let subject = format!("account {account}");
        note(&mut tx, now, ADMINISTRATOR, "account.disable", &subject).await?;
        tx.commit().await.map_err(stored)?;
        Ok(EndedAccount { keys, issuers })
    }

    async fn add_issuer(
        &self,
        account: AccountId,
        identifier: &IssuerIdentifier,
        aliases: &[String],
        control: Control,
        now: Timestamp,
    ) -> Result<Issuer, StoreError> {
        guards::customer(account)?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let known = all(&mut tx, sqlx::query(sql::ISSUERS), rows::issuer).await?;
        guards::free_names(&known, identifier, aliases)?;
        let query = sqlx::query(sql::INSERT_ISSUER)
            .bind(account.0)
            .bind(identifier.as_str().to_owned())
            .bind(identifier.hash().0.to_vec())
            .bind(rows::to_json(aliases)?)
            .bind(control.name())
            .bind(now.millis());
        let id = IssuerId(one(&mut tx, query, |row| rows::count(row, "id")).await?);
        let subject = format!("issuer {id} of account {account}: {identifier}");
        note(&mut tx, now, ADMINISTRATOR, "issuer.add", &subject).await?;
        tx.commit().await.map_err(stored)?;
        Ok(Issuer {
            id,
            account,
            identifier: identifier.clone(),
            aliases: aliases.to_vec(),
            control,
            created_at: now,
            disabled_at: None,
        })
    }

    async fn issuers(&self, account: Option<AccountId>) -> Result<Vec<Issuer>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = match account {
            Some(account) => sqlx::query(sql::ISSUERS_OF_ACCOUNT).bind(account.0),
            None => sqlx::query(sql::ISSUERS),
        };
        all(&mut reader, query, rows::issuer).await
    }

    async fn disable_issuer(&self, issuer: IssuerId, now: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::DISABLE_ISSUER).bind(issuer.0).bind(now.millis());
        if run(&mut tx, query).await? == 0 {
            return Err(StoreError::NotFound);
        }
        note(&mut tx, now, ADMINISTRATOR, "issuer.disable", &format!("issuer {issuer}")).await?;
        tx.commit().await.map_err(stored)
    }

    async fn add_key(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        guards::customer(key.account)?;
        let issuers: Vec<i32> = key.issuers.iter().map(|issuer| issuer.0).collect();
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::INSERT_KEY)
            .bind(key.hash.0.to_vec())
            .bind(key.account.0)
            .bind(key.shown.clone())
            .bind(key.scopes.bits())
            .bind(rows::to_json(&issuers)?)
            .bind(key.created_at.millis())
            .bind(key.expires_at.map(Timestamp::millis))
            .bind(key.revoked_at.map(Timestamp::millis));
        run(&mut tx, query).await?;
        let subject = format!("key {} of account {}", key.shown, key.account);
        note(&mut tx, key.created_at, ADMINISTRATOR, "key.add", &subject).await?;
        tx.commit().await.map_err(stored)
    }

    async fn key(&self, hash: Hash) -> Result<Option<ApiKeyRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        maybe(&mut reader, sqlx::query(sql::KEY).bind(hash.0.to_vec()), rows::api_key).await
    }

    async fn keys(&self, account: AccountId) -> Result<Vec<ApiKeyRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::KEYS_OF_ACCOUNT).bind(account.0), rows::api_key).await
    }

    async fn revoke_key(
        &self,
        account: AccountId,
        shown: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query =
            sqlx::query(sql::REVOKE_KEY).bind(account.0).bind(shown.to_owned()).bind(now.millis());
        let revoked = run(&mut tx, query).await?;
        if revoked > 0 {
            let subject = format!("key {shown} of account {account}");
            note(&mut tx, now, ADMINISTRATOR, "key.revoke", &subject).await?;
        }
        tx.commit().await.map_err(stored)?;
        Ok(revoked)
    }

    async fn stream(
        &self,
        chain_id: u64,
        registry: Address,
        service: &str,
        promise_ms: i64,
        now: Timestamp,
    ) -> Result<Stream, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let existing = sqlx::query(sql::STREAM_BY_FACTS)
            .bind(bindable(chain_id, "chain id")?)
            .bind(registry.0.to_vec())
            .bind(service.to_owned())
            .bind(promise_ms);
        if let Some(stream) = maybe(&mut tx, existing, rows::stream).await? {
            return Ok(stream);
        }
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
        let stream = add_stream(&mut tx, wanted).await?;
        let subject = audit_log::stream_subject(&stream);
        note(&mut tx, now, ADMINISTRATOR, "stream.add", &subject).await?;
        tx.commit().await.map_err(stored)?;
        Ok(stream)
    }

    async fn add_collection(
        &self,
        given: &NewCollection,
        now: Timestamp,
    ) -> Result<Collection, StoreError> {
        let chain = bindable(given.chain_id, "chain id")?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let existing =
            sqlx::query(sql::COLLECTION_BY_CONTRACT).bind(chain).bind(given.contract.0.to_vec());
        if let Some(recorded) = maybe(&mut tx, existing, rows::collection).await? {
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
        let stream = add_stream(&mut tx, wanted).await?;
        let issuer = given.issuer.map(|issuer| issuer.0);
        let next = sqlx::query(sql::NEXT_VOLUME).bind(chain).bind(issuer.unwrap_or(0));
        let volume: i32 = one(&mut tx, next, |row| rows::count(row, "volume")).await?;
        let insert = sqlx::query(sql::INSERT_COLLECTION)
            .bind(stream.id.0)
            .bind(chain)
            .bind(issuer)
            .bind(volume)
            .bind(bindable(given.from_block, "block number")?)
            .bind(given.code_hash.0.to_vec())
            .bind(now.millis());
        let id = CollectionId(one(&mut tx, insert, |row| rows::count(row, "id")).await?);
        let subject = format!("collection {} of chain {chain}", given.contract);
        note(&mut tx, now, ADMINISTRATOR, "collection.add", &subject).await?;
        tx.commit().await.map_err(stored)?;
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

    async fn collections(&self) -> Result<Vec<Collection>, StoreError> {
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::COLLECTIONS), rows::collection).await
    }

    async fn add_registry(&self, registry: &RegistryRecord) -> Result<(), StoreError> {
        let chain = bindable(registry.chain_id, "chain id")?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let insert = sqlx::query(sql::INSERT_REGISTRY)
            .bind(chain)
            .bind(registry.address.0.to_vec())
            .bind(bindable(registry.from_block, "block number")?)
            .bind(registry.code_hash.0.to_vec())
            .bind(registry.created_at.millis());
        if run(&mut tx, insert).await? == 1 {
            let subject = format!("registry {} of chain {chain}", registry.address);
            note(&mut tx, registry.created_at, ADMINISTRATOR, "registry.add", &subject).await?;
        }
        let recorded = sqlx::query(sql::REGISTRY).bind(chain).bind(registry.address.0.to_vec());
        guards::same_registry(&one(&mut tx, recorded, rows::registry).await?, registry)?;
        tx.commit().await.map_err(stored)
    }

    async fn registries(&self) -> Result<Vec<RegistryRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::REGISTRIES), rows::registry).await
    }

    async fn add_receipt_key(&self, key: &ReceiptKeyRecord) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let insert = sqlx::query(sql::INSERT_RECEIPT_KEY)
            .bind(key.key_id.0.to_vec())
            .bind(key.public_key.to_vec())
            .bind(key.not_before.millis())
            .bind(key.not_after.map(Timestamp::millis))
            .bind(key.revoked_at.map(Timestamp::millis));
        if run(&mut tx, insert).await? == 1 {
            let subject = format!("receipt key {}", key.key_id);
            note(&mut tx, key.not_before, ADMINISTRATOR, "receipt_key.add", &subject).await?;
        }
        tx.commit().await.map_err(stored)
    }

    async fn receipt_keys(&self) -> Result<Vec<ReceiptKeyRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::RECEIPT_KEYS), rows::receipt_key).await
    }

    async fn publish_trust(
        &self,
        file: &TrustFile,
        after: i64,
        now: Timestamp,
    ) -> Result<TrustVersion, StoreError> {
        let document = file.to_json();
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query =
            sqlx::query(sql::PUBLISH_TRUST).bind(after).bind(now.millis()).bind(document.clone());
        let published = maybe(&mut tx, query, |row| rows::count(row, "version")).await?;
        let version = guards::still_newest(published)?;
        let subject = TrustVersion::log_subject(version, file.digest());
        note(&mut tx, now, ADMINISTRATOR, TrustVersion::PUBLISHED, &subject).await?;
        tx.commit().await.map_err(stored)?;
        Ok(TrustVersion { version, published_at: now, document })
    }

    async fn trust_version(&self, version: i64) -> Result<Option<TrustVersion>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::TRUST_VERSION).bind(version);
        maybe(&mut reader, query, rows::trust_version).await
    }

    async fn trust_history(&self) -> Result<Vec<TrustVersion>, StoreError> {
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::TRUST_HISTORY), rows::trust_version).await
    }
}
