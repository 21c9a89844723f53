//! Accounts, issuers, keys, streams, registries, receipt keys, trust files.

use domain::{
    Account, AccountId, ApiKeyRecord, Collection, CollectionId, Issuer, IssuerId, Scopes, Stream,
    StreamId, StreamKind,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Columns, Row, corrupt};
use crate::{ReceiptKeyRecord, RegistryRecord, StoreError, TrustVersion};

/// A list as its JSON column holds it.
///
/// # Errors
/// None that a list of texts or numbers can cause.
pub fn to_json<T: Serialize>(list: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|error| StoreError::Limit(error.to_string()))
}

/// The inverse of [`to_json`].
///
/// # Errors
/// `Corrupt`.
pub fn from_json<T: DeserializeOwned>(column: &str, text: &str) -> Result<Vec<T>, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(column, error))
}

/// A row of [`crate::sql::ACCOUNTS`].
///
/// # Errors
/// `Corrupt`.
pub fn account(row: &impl Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId(row.number("account_id")?),
        name: row.owned_text("name")?,
        created_at: row.time("created_at")?,
    })
}

/// A row of [`crate::sql::ISSUERS`].
///
/// # Errors
/// `Corrupt`.
pub fn issuer(row: &impl Row) -> Result<Issuer, StoreError> {
    Ok(Issuer {
        id: IssuerId(row.number("issuer_id")?),
        account: AccountId(row.number("account_id")?),
        identifier: row.parsed("identifier")?,
        aliases: from_json("aliases", &row.owned_text("aliases")?)?,
        control: row.parsed("control")?,
        created_at: row.time("created_at")?,
        disabled_at: row.maybe_time("disabled_at")?,
    })
}

/// A row of [`crate::sql::KEY`].
///
/// # Errors
/// `Corrupt`.
pub fn api_key(row: &impl Row) -> Result<ApiKeyRecord, StoreError> {
    let bits = row.number("scopes")?;
    let issuers: Vec<i32> = from_json("issuers", &row.owned_text("issuers")?)?;
    Ok(ApiKeyRecord {
        hash: row.hash("hash")?,
        account: AccountId(row.number("account_id")?),
        shown: row.owned_text("shown")?,
        scopes: Scopes::from_bits(bits).ok_or_else(|| corrupt("scopes", bits))?,
        issuers: issuers.into_iter().map(IssuerId).collect(),
        created_at: row.time("created_at")?,
        expires_at: row.maybe_time("expires_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
    })
}

/// The columns of `sql/stream_columns.sql`.
///
/// # Errors
/// `Corrupt`.
pub fn stream(row: &impl Row) -> Result<Stream, StoreError> {
    let name = row.owned_text("kind")?;
    let kind = match row.maybe_address("collection")? {
        None => StreamKind::Anchor,
        Some(collection) => StreamKind::Mint { collection },
    };
    if name != kind.name() {
        return Err(corrupt("kind", name));
    }
    Ok(Stream {
        id: StreamId(row.number("stream_id")?),
        chain_id: row.number("chain_id")?,
        registry: row.address("registry")?,
        service: row.owned_text("service")?,
        kind,
        shard: row.number("shard")?,
        promise_ms: row.number("promise_ms")?,
    })
}

/// A row of [`crate::sql::COLLECTIONS`].
///
/// # Errors
/// `Corrupt`.
pub fn collection(row: &impl Row) -> Result<Collection, StoreError> {
    Ok(Collection {
        id: CollectionId(row.number("collection_id")?),
        stream: stream(row)?,
        issuer: row.maybe_number("issuer_id")?.map(IssuerId),
        volume: row.number("volume")?,
        from_block: row.number("from_block")?,
        code_hash: row.hash("code_hash")?,
        created_at: row.time("created_at")?,
    })
}

/// A row of [`crate::sql::REGISTRIES`].
///
/// # Errors
/// `Corrupt`.
pub fn registry(row: &impl Row) -> Result<RegistryRecord, StoreError> {
    Ok(RegistryRecord {
        chain_id: row.number("chain_id")?,
        address: row.address("address")?,
        from_block: row.number("from_block")?,
        code_hash: row.hash("code_hash")?,
        created_at: row.time("created_at")?,
    })
}

/// A row of [`crate::sql::RECEIPT_KEYS`].
///
/// # Errors
/// `Corrupt`.
pub fn receipt_key(row: &impl Row) -> Result<ReceiptKeyRecord, StoreError> {
    Ok(ReceiptKeyRecord {
        key_id: row.hash("key_id")?,
        public_key: row.hash("public_key")?.0,
        not_before: row.time("not_before")?,
        not_after: row.maybe_time("not_after")?,
        revoked_at: row.maybe_time("revoked_at")?,
    })
}

/// A row of [`crate::sql::TRUST_HISTORY`].
///
/// # Errors
/// `Corrupt`.
pub fn trust_version(row: &impl Row) -> Result<TrustVersion, StoreError> {
    Ok(TrustVersion {
        version: row.number("version")?,
        published_at: row.time("published_at")?,
        document: row.owned_text("document")?,
    })
}
