//! Reading: badges, batches, tiles.

use domain::{
    AccountId, BadgeRecord, BadgeState, Batch, ExternalId, IdTag, IssuerId, Position,
    PromiseStatus, PublicMetadata, Token,
};
use proof::{Address, Hash, Rule, Tile, TileId, Timestamp, TokenId};

use crate::StoreError;

/// Which badges of an account to list; all members that are set must hold.
#[derive(Debug, Clone, Default)]
pub struct BadgeFilter {
    /// Of these issuers only; empty: all of the account.
    pub issuers: Vec<IssuerId>,
    /// In this state.
    pub state: Option<BadgeState>,
    /// With this external id.
    pub external_id: Option<ExternalId>,
    /// Accepted at this time or later.
    pub received_after: Option<Timestamp>,
}

/// Read-only questions; they never wait for a writer.
#[async_trait::async_trait]
pub trait Lookup: Send + Sync {
    /// The badge at a position, of any account; `None` when unknown or erased.
    async fn badge(&self, position: Position) -> Result<Option<BadgeRecord>, StoreError>;

    /// All badges of this rule and digest, by position; at most 100.
    async fn badges_by_digest(
        &self,
        rule: Rule,
        digest: Hash,
    ) -> Result<Vec<BadgeRecord>, StoreError>;

    /// What the issuer made public of a badge.
    async fn metadata(&self, badge: Position) -> Result<Option<PublicMetadata>, StoreError>;

    /// The tokens of a badge, newest first: at most one that was not replaced.
    async fn tokens(&self, badge: Position) -> Result<Vec<Token>, StoreError>;

    /// The token of this id in a collection, once its batch is sealed.
    async fn token(
        &self,
        chain_id: u64,
        contract: Address,
        id: TokenId,
    ) -> Result<Option<Token>, StoreError>;

    /// Sealed tokens given to an owner, neither burned nor replaced nor of an erased badge, after a
    /// position (exclusive), by position.
    async fn tokens_of_owner(
        &self,
        owner: Address,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError>;

    /// Sealed tokens of a collection after a position (exclusive), by position.
    async fn tokens_of_collection(
        &self,
        chain_id: u64,
        contract: Address,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError>;

    /// All badges with an id of this tag, of any issuer, by position; at most 100.
    async fn badges_by_id_tag(&self, tag: IdTag) -> Result<Vec<BadgeRecord>, StoreError>;

    /// Badges of an account after a position (exclusive), by position.
    async fn badges(
        &self,
        account: AccountId,
        filter: &BadgeFilter,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<BadgeRecord>, StoreError>;

    /// Sealed (not merely cut) batches with a row id above `after`, by id.
    async fn batches(
        &self,
        after: Option<domain::BatchId>,
        limit: u32,
    ) -> Result<Vec<Batch>, StoreError>;

    /// The batch of this commitment.
    async fn batch_by_commitment(&self, commitment: Hash) -> Result<Option<Batch>, StoreError>;

    /// A tile of a batch.
    async fn tile(&self, batch: domain::BatchId, tile: TileId) -> Result<Option<Tile>, StoreError>;

    /// The promise as a whole.
    async fn promise_status(&self, now: Timestamp) -> Result<PromiseStatus, StoreError>;
}
