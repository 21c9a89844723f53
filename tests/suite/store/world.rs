//! An account, its issuer and a stream on a fresh store, and the steps of a batch's life.

use std::sync::Arc;

use domain::{
    Acceptance, Accepted, Account, Attempt, Batch, BatchId, BurnReason, Control, Effect,
    Entropy as _, Fees, Inclusion, Issuer, Observation, Position, Purpose, Seal, SeededEntropy,
    Signer, Stream, StreamView, Submission, TransactionId,
};
use proof::{Address, Hash, Rule, TileBuilder, Timestamp, commitment, vacated_leaf};
use store::{Conclusion, Lease, NewTransaction, SignerView, Store, StoreError};

pub(super) const CHAIN_ID: u64 = 31337;
pub(super) const REGISTRY: Address = Address([0x52; 20]);
pub(super) const SERVICE: &str = "https://ingam.example/";
pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const PROMISE_MS: i64 = 24 * HOUR_MS;
pub(super) const LEASE_MS: i64 = 20_000;
pub(super) const BASE_NONCE: u64 = 7;

/// 2026-03-01T09:30:00.000Z and this many milliseconds.
pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_772_357_400_000).unwrap().plus_millis(millis)
}

pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) account: Account,
    pub(super) issuer: Issuer,
    pub(super) stream: Stream,
    pub(super) signer: Signer,
    entropy: SeededEntropy,
}

impl World {
    pub(super) async fn on(store: Arc<dyn Store>) -> Self {
        let account = store.add_account("한빛대학교", at(0)).await.unwrap();
        let identifier = "https://hanbit.example/".parse().unwrap();
        let issuer =
            store.add_issuer(account.id, &identifier, &[], Control::Manual, at(0)).await.unwrap();
        let stream = store.stream(CHAIN_ID, REGISTRY, SERVICE, PROMISE_MS, at(0)).await.unwrap();
        let signer = store.signer(CHAIN_ID, Address([0x51; 20]), BASE_NONCE, at(0)).await.unwrap();
        Self { store, account, issuer, stream, signer, entropy: SeededEntropy::new(1) }
    }

    pub(super) fn random(&self) -> Hash {
        self.entropy.salt()
    }

    /// A badge nobody has submitted before.
    pub(super) fn submission(&self) -> Submission {
        Submission {
            issuer: self.issuer.id,
            rule: Rule::JcsSha256V1,
            digest: self.random(),
            id_tag: None,
            salt: self.random(),
            accepted_at: at(0),
            window_started_at: None,
            external_id: None,
            public_lookup: true,
            recipient: None,
            metadata: None,
        }
    }

    pub(super) async fn accept(&self, submissions: &[Submission]) -> Vec<Accepted> {
        self.store.accept(self.stream.id, submissions).await.unwrap()
    }

    /// This many new badges.
    pub(super) async fn badges(&self, count: usize) -> Vec<Position> {
        let submissions: Vec<_> = (0..count).map(|_| self.submission()).collect();
        let accepted = self.accept(&submissions).await;
        assert!(accepted.iter().all(|badge| badge.acceptance == Acceptance::New));
        accepted.iter().map(|badge| badge.position).collect()
    }

    pub(super) async fn view(&self) -> StreamView {
        let views = self.store.streams().await.unwrap();
        views.into_iter().find(|view| view.stream == self.stream).unwrap()
    }

    /// Cuts all open positions.
    pub(super) async fn cut(&self) -> Batch {
        let view = self.view().await;
        let cut = self.store.cut(self.stream.id, view.open_from, view.next, at(1)).await;
        cut.unwrap().unwrap()
    }

    /// Builds the tree of a cut batch as a worker does; stores its tiles.
    pub(super) async fn build(&self, batch: &Batch) -> Seal {
        build(&*self.store, batch).await
    }

    pub(super) async fn seal(&self, batch: &Batch) -> Batch {
        let seal = self.build(batch).await;
        self.store.seal(batch.id, seal).await.unwrap()
    }

    /// A sealed batch of new badges.
    pub(super) async fn sealed(&self, count: usize) -> Batch {
        self.badges(count).await;
        let batch = self.cut().await;
        self.seal(&batch).await
    }

    pub(super) async fn lease(&self) -> Lease {
        let lease = self.store.lease(self.signer.id, "worker-1", at(0), LEASE_MS).await;
        lease.unwrap().unwrap()
    }

    pub(super) async fn signer_view(&self) -> SignerView {
        self.store.signer_view(self.signer.id, 100).await.unwrap()
    }

    pub(super) fn attempt(&self, gwei: u128) -> Attempt {
        let raw = self.random().0.to_vec();
        Attempt {
            hash: Hash::of(&[&raw]),
            raw,
            gas_limit: 60_000,
            fees: Fees { max_fee: gwei * 2_000_000_000, max_priority_fee: gwei * 1_000_000_000 },
            created_at: at(2),
            created_block: 100,
        }
    }

    pub(super) fn anchor(&self, nonce: u64, batch: BatchId) -> NewTransaction {
        let purpose = Purpose::Anchor { batch };
        NewTransaction { nonce, purpose, revoked: Vec::new(), attempt: self.attempt(1) }
    }

    pub(super) fn revoke(
        &self,
        nonce: u64,
        batch: BatchId,
        revoked: &[Position],
    ) -> NewTransaction {
        let purpose = Purpose::Revoke { batch };
        NewTransaction { nonce, purpose, revoked: revoked.to_vec(), attempt: self.attempt(1) }
    }

    /// Stores the transaction with the next nonce.
    pub(super) async fn prepare(
        &self,
        lease: &Lease,
        transaction: NewTransaction,
    ) -> Result<TransactionId, StoreError> {
        let nonce = self.signer_view().await.next_nonce;
        self.store.prepare(lease, &NewTransaction { nonce, ..transaction }).await
    }

    /// Sends a sealed batch on its way.
    pub(super) async fn fly(&self, lease: &Lease, batch: &Batch) -> TransactionId {
        self.prepare(lease, self.anchor(0, batch.id)).await.unwrap()
    }

    pub(super) async fn conclude(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        conclusion: Conclusion,
    ) -> Result<(), StoreError> {
        self.store.conclude(lease, transaction, &conclusion, at(5)).await
    }

    /// A final batch of new badges.
    pub(super) async fn finished(&self, lease: &Lease, count: usize) -> Batch {
        let batch = self.sealed(count).await;
        let transaction = self.fly(lease, &batch).await;
        self.conclude(lease, transaction, confirmed(9)).await.unwrap();
        self.batch(batch.id).await
    }

    /// The batch as stored now.
    pub(super) async fn batch(&self, id: BatchId) -> Batch {
        let batches = self.store.all_batches(None, 1000).await.unwrap();
        batches.into_iter().find(|batch| batch.id == id).unwrap()
    }
}

/// As [`World::build`].
pub(super) async fn build(store: &dyn Store, batch: &Batch) -> Seal {
    const PAGE: u32 = 100;
    let mut builder = TileBuilder::new();
    let mut tiles = Vec::new();
    let mut next = batch.first;
    while next < batch.end {
        let page = store.entries(next, batch.end, PAGE).await.unwrap();
        let end = match page.last() {
            Some(last) if page.len() == PAGE as usize => last.position.plus(1),
            _ => batch.end,
        };
        let mut occupied = page.iter().peekable();
        while next < end {
            let leaf = match occupied.next_if(|entry| entry.position == next) {
                Some(entry) => entry.entry.leaf(),
                None => vacated_leaf(next.as_u64()),
            };
            tiles.extend(builder.push(leaf));
            next = next.plus(1);
        }
    }
    let built = builder.finish().unwrap();
    tiles.extend(built.tiles);
    for some in tiles.chunks(256) {
        store.put_tiles(batch.id, some).await.unwrap();
    }
    Seal {
        size: built.size,
        root: built.root,
        blockcerts_root: Hash::ZERO,
        commitment: commitment(built.size, built.root, Hash::ZERO),
        owners_hash: None,
    }
}

pub(super) fn inclusion(block: u8) -> Inclusion {
    Inclusion {
        transaction: Some(Hash([0xaa; 32])),
        block_number: u64::from(block),
        block_hash: Hash([block; 32]),
        block_time: at(i64::from(block) * 1000),
    }
}

pub(super) fn observed(block: u8, effect: Effect) -> Observation {
    let at_block = domain::Block { number: u64::from(block), hash: Hash([block; 32]) };
    Observation { at: at_block, effect, observed_at: at(i64::from(block) * 1000) }
}

pub(super) fn confirmed(block: u8) -> Conclusion {
    Conclusion::Confirmed { inclusion: inclusion(block) }
}

pub(super) const REVERTED: Conclusion = Conclusion::Burned { reason: BurnReason::Reverted };
