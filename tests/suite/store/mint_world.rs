//! Collections, requests and the steps of a mint batch's life.

use domain::{
    Acceptance, Batch, BatchId, Collection, IssuerId, MintRequest, NewCollection, Position,
    Purpose, Recipient, RevocationReason, Seal, StreamView, Submission, Token,
};
use proof::{Address, Hash, commitment, owners_hash, tiles_of_leaves};
use store::{MintAnswer, MintEntry, NewTransaction, RevocationRequest, Store};

use super::world::{CHAIN_ID, PROMISE_MS, REGISTRY, SERVICE, World, at, confirmed};

pub(super) fn owner(number: u8) -> Address {
    Address([number; 20])
}

/// The collection at this address, as the operator records it.
pub(super) fn new_collection(number: u8, issuer: Option<IssuerId>) -> NewCollection {
    NewCollection {
        chain_id: CHAIN_ID,
        registry: REGISTRY,
        contract: Address([number; 20]),
        issuer,
        from_block: 4,
        code_hash: Hash([0xc0; 32]),
        service: SERVICE.to_owned(),
        promise_ms: PROMISE_MS,
    }
}

/// The order of leaves, and what it is sealed as.
pub(super) fn build(mut entries: Vec<MintEntry>) -> (Vec<Position>, Seal, Vec<proof::Tile>) {
    entries.sort_by_key(|entry| (entry.owner, entry.position));
    let leaves: Vec<_> = entries.iter().map(|entry| entry.entry.leaf()).collect();
    let owners: Vec<_> = entries.iter().map(|entry| entry.owner).collect();
    let built = tiles_of_leaves(&leaves).unwrap();
    let commitment = commitment(built.size, built.root, Hash::ZERO);
    let seal = Seal {
        size: built.size,
        root: built.root,
        blockcerts_root: Hash::ZERO,
        commitment,
        owners_hash: Some(owners_hash(commitment, &owners)),
    };
    (entries.iter().map(|entry| entry.position).collect(), seal, built.tiles)
}

impl World {
    pub(super) async fn collection(&self, number: u8, issuer: Option<IssuerId>) -> Collection {
        let collection = new_collection(number, issuer);
        self.store.add_collection(&collection, at(0)).await.unwrap()
    }

    pub(super) fn recipient(&self, number: u8) -> Recipient {
        Recipient { owner: owner(number), salt: self.random() }
    }

    /// A new badge to be minted to this owner.
    pub(super) fn owned(&self, number: u8) -> Submission {
        Submission { recipient: Some(self.recipient(number)), ..self.submission() }
    }

    /// New badges with these owners.
    pub(super) async fn badges_of(&self, owners: &[u8]) -> Vec<Position> {
        let submissions: Vec<_> = owners.iter().map(|number| self.owned(*number)).collect();
        let accepted = self.accept(&submissions).await;
        assert!(accepted.iter().all(|badge| badge.acceptance == Acceptance::New));
        accepted.iter().map(|badge| badge.position).collect()
    }

    /// The token of a badge that is in force.
    pub(super) async fn token(&self, badge: Position) -> Token {
        let token = self.store.tokens(badge).await.unwrap().remove(0);
        assert_eq!(token.replaced_at, None);
        token
    }

    pub(super) async fn request(
        &self,
        badge: Position,
        number: u8,
        replaces: Option<u8>,
    ) -> MintAnswer {
        let request = MintRequest {
            badge,
            recipient: self.recipient(number),
            replaces: replaces.map(owner),
            requested_at: at(7),
        };
        self.store.request_mint(self.account.id, &request).await.unwrap()
    }

    pub(super) async fn revoke_badge(&self, badge: Position) {
        let request = RevocationRequest {
            account: self.account.id,
            position: badge,
            reason: RevocationReason::PrivilegeWithdrawn,
            requested_at: at(8),
        };
        self.store.request_revocation(request).await.unwrap();
    }

    pub(super) async fn mint_view(&self, collection: &Collection) -> StreamView {
        let views = self.store.streams().await.unwrap();
        views.into_iter().find(|view| view.stream == collection.stream).unwrap()
    }

    /// Cuts all open requests.
    pub(super) async fn cut_mint(&self, collection: &Collection) -> Batch {
        let view = self.mint_view(collection).await;
        let cut = self.store.cut(view.stream.id, view.open_from, view.next, at(1)).await;
        cut.unwrap().unwrap()
    }

    /// Builds and seals a cut batch as a worker does.
    pub(super) async fn seal_mint(&self, batch: &Batch) -> Batch {
        let entries = self.store.mint_entries(batch.first, batch.end).await.unwrap();
        let (order, seal, tiles) = build(entries);
        self.store.put_tiles(batch.id, &tiles).await.unwrap();
        self.store.seal_mint(batch.id, seal, &order).await.unwrap()
    }

    /// A sealed mint batch of new badges with these owners, and the badges.
    pub(super) async fn sealed_mint(
        &self,
        collection: &Collection,
        owners: &[u8],
    ) -> (Batch, Vec<Position>) {
        let badges = self.badges_of(owners).await;
        let batch = self.cut_mint(collection).await;
        (self.seal_mint(&batch).await, badges)
    }

    pub(super) fn mint(&self, batch: BatchId) -> NewTransaction {
        NewTransaction { purpose: Purpose::Mint { batch }, ..self.anchor(0, batch) }
    }

    /// Mints a sealed batch up to its final block.
    pub(super) async fn finish_mint(&self, lease: &store::Lease, batch: &Batch) -> Batch {
        let transaction = self.prepare(lease, self.mint(batch.id)).await.unwrap();
        self.conclude(lease, transaction, confirmed(9)).await.unwrap();
        self.batch(batch.id).await
    }
}

/// The leaf indexes of badges' tokens.
pub(super) async fn indexes(store: &dyn Store, badges: &[Position]) -> Vec<Option<u32>> {
    let mut indexes = Vec::new();
    for badge in badges {
        indexes.push(store.tokens(*badge).await.unwrap()[0].index);
    }
    indexes
}
