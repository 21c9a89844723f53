//! Accounts, issuers, keys, streams, and what the trust file publishes.

use domain::{
    Account, AccountId, ApiKeyRecord, Collection, Control, Issuer, IssuerId, NewCollection, Stream,
};
use proof::{Address, Hash, IssuerIdentifier, Timestamp, TrustFile};

use crate::StoreError;

/// A registry that this service has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryRecord {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The contract.
    pub address: Address,
    /// Block of its deployment.
    pub from_block: u64,
    /// Keccak-256 of the code at the address, as deployed.
    pub code_hash: Hash,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// A key that signs receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptKeyRecord {
    /// SHA-256 of the public key.
    pub key_id: Hash,
    /// Ed25519.
    pub public_key: [u8; 32],
    /// Receipts signed before are not its own.
    pub not_before: Timestamp,
    /// Receipts signed after are not its own.
    pub not_after: Option<Timestamp>,
    /// Its signatures count for nothing from here on.
    pub revoked_at: Option<Timestamp>,
}

/// A published trust file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustVersion {
    /// 1, 2, 3, …
    pub version: i64,
    /// When.
    pub published_at: Timestamp,
    /// The JSON text.
    pub document: String,
}

impl TrustVersion {
    /// How the audit log calls the publication of a version.
    pub const PUBLISHED: &'static str = "trust.publish";

    /// What the audit log says of version `number` of a trust file.
    #[must_use]
    pub fn log_subject(number: i64, digest: Hash) -> String {
        format!("version {number} with SHA-256 {digest}")
    }

    /// The inverse of [`TrustVersion::log_subject`]; `None` for another text.
    #[must_use]
    pub fn read_subject(subject: &str) -> Option<(i64, Hash)> {
        let (number, digest) = subject.strip_prefix("version ")?.split_once(" with SHA-256 ")?;
        Some((number.parse().ok()?, digest.parse().ok()?))
    }
}

/// What the end of an account ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedAccount {
    /// API keys that were active.
    pub keys: u64,
    /// Issuers that took badges.
    pub issuers: u64,
}

/// What administrators do; the service itself writes here only at its start.
#[async_trait::async_trait]
pub trait Administration: Send + Sync {
    /// A new account; names need not be unique.
    async fn add_account(&self, name: &str, now: Timestamp) -> Result<Account, StoreError>;

    /// All accounts, by id.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// Ends an account: revokes its active keys and ends its issuers' intake, in one transaction. What
    /// it had accepted is anchored and stays provable; a new key and a new issuer begin anew.
    ///
    /// # Errors
    /// `NotFound` for an unknown account.
    async fn disable_account(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<EndedAccount, StoreError>;

    /// A new issuer.
    ///
    /// # Errors
    /// `Conflict` when the identifier or an alias is a name of an issuer; `NotFound` for an unknown
    /// account.
    async fn add_issuer(
        &self,
        account: AccountId,
        identifier: &IssuerIdentifier,
        aliases: &[String],
        control: Control,
        now: Timestamp,
    ) -> Result<Issuer, StoreError>;

    /// All issuers, or those of one account, by id.
    async fn issuers(&self, account: Option<AccountId>) -> Result<Vec<Issuer>, StoreError>;

    /// Ends an issuer's intake; its badges stay provable.
    async fn disable_issuer(&self, issuer: IssuerId, now: Timestamp) -> Result<(), StoreError>;

    /// Stores a key's hash and grant.
    async fn add_key(&self, key: &ApiKeyRecord) -> Result<(), StoreError>;

    /// The key of this hash, valid or not.
    async fn key(&self, hash: Hash) -> Result<Option<ApiKeyRecord>, StoreError>;

    /// An account's keys, oldest first.
    async fn keys(&self, account: AccountId) -> Result<Vec<ApiKeyRecord>, StoreError>;

    /// Revokes the account's keys whose shown part is `shown`; how many were active.
    async fn revoke_key(
        &self,
        account: AccountId,
        shown: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// The anchor stream of these facts, created (with its genesis batch) at the first call. A stream whose
    /// service or promise differs is another shard.
    async fn stream(
        &self,
        chain_id: u64,
        registry: Address,
        service: &str,
        promise_ms: i64,
        now: Timestamp,
    ) -> Result<Stream, StoreError>;

    /// Records a collection as the next volume of its issuer, with its mint stream; a repeat of the
    /// same contract returns the first record.
    ///
    /// # Errors
    /// `Conflict` when it is recorded with another issuer, registry, code hash or block; `NotFound`
    /// for an unknown issuer.
    async fn add_collection(
        &self,
        collection: &NewCollection,
        now: Timestamp,
    ) -> Result<Collection, StoreError>;

    /// All collections, by id.
    async fn collections(&self) -> Result<Vec<Collection>, StoreError>;

    /// Records a registry once; a repeat changes nothing.
    ///
    /// # Errors
    /// `Conflict` when it is recorded with another code hash or block.
    async fn add_registry(&self, registry: &RegistryRecord) -> Result<(), StoreError>;

    /// All registries, by time.
    async fn registries(&self) -> Result<Vec<RegistryRecord>, StoreError>;

    /// Records a receipt key once; a repeat changes nothing.
    async fn add_receipt_key(&self, key: &ReceiptKeyRecord) -> Result<(), StoreError>;

    /// All receipt keys, by `not_before`.
    async fn receipt_keys(&self) -> Result<Vec<ReceiptKeyRecord>, StoreError>;

    /// Appends a version of the trust file, and its digest to the audit log. `after` is the number
    /// of the version that was the newest before anything else was read that `file` says; 0: none.
    ///
    /// # Errors
    /// `Conflict` when another version came meanwhile, which may say what `file` does not.
    async fn publish_trust(
        &self,
        file: &TrustFile,
        after: i64,
        now: Timestamp,
    ) -> Result<TrustVersion, StoreError>;

    /// One version.
    async fn trust_version(&self, version: i64) -> Result<Option<TrustVersion>, StoreError>;

    /// All versions, oldest first.
    async fn trust_history(&self) -> Result<Vec<TrustVersion>, StoreError>;
}
