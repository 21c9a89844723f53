//! What must hold after every step, whatever happens: of the database alone, and of the database
//! beside what is true on the chain (which no node is asked for).

use std::collections::{BTreeMap, HashMap, HashSet};

use chain::ContractCall;
use chain::simulated::MinedTransaction;
use domain::{Batch, BatchId, BatchState, Position, Purpose, StreamView, TransactionState};
use proof::{Hash, commitment, vacated_leaf};
use store::{Halt, MAX_PAGE, StoredCounts, TransactionRecord};

use crate::support::Service;

/// What was seen in earlier steps, and can never change.
#[derive(Default)]
pub(super) struct Invariants {
    commitments: HashMap<BatchId, Hash>,
    wire_checked: usize,
    finals: HashSet<BatchId>,
    rows: Option<Rows>,
}

/// What the database says; read again after what may change it.
struct Rows {
    halts: Vec<Halt>,
    records: Vec<TransactionRecord>,
    batches: Vec<Batch>,
    streams: Vec<StreamView>,
    counts: StoredCounts,
}

impl Rows {
    async fn read(service: &Service) -> Self {
        let store = &service.store;
        Self {
            halts: store.halts(service.stream.chain_id).await.unwrap(),
            records: store.transactions(service.signer.id, 0, 1000).await.unwrap(),
            batches: store.all_batches(None, 1000).await.unwrap(),
            streams: store.streams().await.unwrap(),
            counts: store.counts().await.unwrap(),
        }
    }
}

/// What a commitment has on the canonical chain.
struct OnChain {
    /// The block that anchored it first.
    block: u64,
    /// The block that minted it.
    minted: Option<u64>,
    /// Transactions of ours that had the effect, the harmless repeats included.
    ours: usize,
}

impl Invariants {
    /// `stored`: whether the database may have changed since the last check.
    pub(super) async fn check(&mut self, service: &Service, final_height: u64, stored: bool) {
        let before = self.rows.take().filter(|_| !stored);
        let rows = match before {
            Some(rows) => rows,
            None => {
                let rows = Rows::read(service).await;
                let halts = &rows.halts;
                assert!(halts.is_empty(), "nothing happened that halts a signer: {halts:?}");
                nonces(service, &rows.records);
                one_live_transaction_each(&rows.records);
                fees_rise(&rows.records);
                lineages(service, &rows);
                rows
            }
        };
        let mined = service.chain.transactions();
        let chain = anchored(service, &mined);
        self.nothing_unknown_on_chain(service, &rows.records, &mined);
        burned_for_good(service, &rows.records, &mined, final_height);
        for (commitment, on_chain) in &chain {
            assert!(on_chain.ours <= 1, "{commitment} was sent {} times", on_chain.ours);
        }
        for batch in &rows.batches {
            self.batch(service, batch, &chain, final_height).await;
        }
        self.rows = Some(rows);
    }

    /// Sealed once, as its range says; final where the effect is at a final block, and for good.
    async fn batch(
        &mut self,
        service: &Service,
        batch: &Batch,
        chain: &HashMap<Hash, OnChain>,
        final_height: u64,
    ) {
        let Some(seal) = batch.seal() else { return };
        if let Some(before) = self.commitments.insert(batch.id, seal.commitment) {
            assert_eq!(before, seal.commitment, "batch {} was sealed anew", batch.id);
        } else if batch.stream == service.stream.id {
            let leaves = leaves(service, batch).await;
            let root = proof::root_of_leaves(&leaves).unwrap();
            let size = leaves.len() as u64;
            assert_eq!(seal.commitment, commitment(size, root, Hash::ZERO), "batch {}", batch.id);
        }
        let BatchState::Final { inclusion, .. } = &batch.state else {
            assert!(!self.finals.contains(&batch.id), "batch {} was final", batch.id);
            return;
        };
        self.finals.insert(batch.id);
        let effect = chain.get(&seal.commitment).and_then(|effect| {
            if seal.owners_hash.is_some() { effect.minted } else { Some(effect.block) }
        });
        assert!(
            effect.is_some_and(|block| block <= final_height),
            "batch {} is final here, not on chain at {final_height}",
            batch.id
        );
        let header = service.chain.canonical(inclusion.block_number);
        assert_eq!(header.map(|header| header.block.hash), Some(inclusion.block_hash));
    }

    /// What is on the chain or on the wire in our name is in the database.
    fn nothing_unknown_on_chain(
        &mut self,
        service: &Service,
        records: &[TransactionRecord],
        mined: &[MinedTransaction],
    ) {
        let attempts = records.iter().flat_map(|record| &record.attempts);
        let known: HashSet<Hash> = attempts.map(|row| row.attempt.hash).collect();
        let wire = service.chain.wire();
        let ours = mined.iter().filter(|it| it.signer == service.signer.address);
        let ours = ours.filter(|it| it.call.is_some()).map(|it| it.hash);
        for hash in ours.chain(wire[self.wire_checked..].iter().copied()) {
            assert!(known.contains(&hash), "{hash} is ours and not in the database");
        }
        self.wire_checked = wire.len();
    }
}

/// Each position is in one batch at most, without a gap up to the open part; and each badge is there.
fn lineages(service: &Service, rows: &Rows) {
    let mut ends: BTreeMap<Position, Position> = BTreeMap::new();
    for batch in &rows.batches {
        assert!(ends.insert(batch.first, batch.end).is_none(), "two batches from one position");
    }
    for view in &rows.streams {
        let mut next = Position::first_of(view.stream.id);
        while let Some(end) = ends.remove(&next) {
            next = end;
        }
        assert_eq!(next, view.open_from, "ranges end where the open part begins");
    }
    assert!(ends.is_empty(), "ranges overlap or leave a gap: {ends:?}");
    let counts = rows.counts;
    assert_eq!(counts.badges + counts.erased, counts.positions);
    assert_eq!(counts.badges, service.accepted.len() as u64);
}

/// Commitments on the canonical chain.
fn anchored(service: &Service, mined: &[MinedTransaction]) -> HashMap<Hash, OnChain> {
    let mut anchored: HashMap<Hash, OnChain> = HashMap::new();
    for transaction in mined.iter().filter(|transaction| transaction.succeeded) {
        let ours = usize::from(transaction.signer == service.signer.address);
        // a mint's commitment may be anchored alone, before
        let name = match &transaction.call {
            Some(ContractCall::Anchor { commitment, .. }) => *commitment,
            Some(ContractCall::Mint { size, root, .. }) => commitment(*size, *root, Hash::ZERO),
            Some(ContractCall::Revoke { .. }) | None => continue,
        };
        let block = transaction.block.number;
        let entry = anchored.entry(name).or_insert(OnChain { block, minted: None, ours: 0 });
        entry.ours += ours;
        if let Some(ContractCall::Mint { .. }) = transaction.call {
            entry.minted.get_or_insert(block);
        }
    }
    anchored
}

/// The leaves of an anchor batch, from the rows.
async fn leaves(service: &Service, batch: &Batch) -> Vec<Hash> {
    let entries = service.store.entries(batch.first, batch.end, MAX_PAGE).await.unwrap();
    let leaf_of: HashMap<Position, Hash> =
        entries.iter().map(|entry| (entry.position, entry.entry.leaf())).collect();
    let positions = (0..batch.len()).map(|offset| batch.first.plus(offset));
    positions
        .map(|position| {
            leaf_of.get(&position).copied().unwrap_or_else(|| vacated_leaf(position.as_u64()))
        })
        .collect()
}

fn nonces(service: &Service, records: &[TransactionRecord]) {
    for (expected, record) in (service.signer.base_nonce..).zip(records) {
        assert_eq!(record.nonce, expected, "nonces leave no gap");
        assert!(!record.attempts.is_empty());
    }
}

/// At most one live transaction of a batch and purpose; a further one only after the nonce of the
/// one before was burned.
fn one_live_transaction_each(records: &[TransactionRecord]) {
    let mut last: HashMap<(BatchId, &str), TransactionState> = HashMap::new();
    for record in records {
        let key = (record.purpose.batch(), record.purpose.name());
        let before = last.insert(key, record.state);
        let follows = match record.purpose {
            Purpose::Anchor { .. } | Purpose::Mint { .. } => {
                matches!(before, None | Some(TransactionState::Burned(_)))
            }
            Purpose::Revoke { .. } => before != Some(TransactionState::Live),
        };
        assert!(follows, "nonce {} repeats one that is {before:?}", record.nonce);
    }
}

fn fees_rise(records: &[TransactionRecord]) {
    let enough = |before: u128, after: u128| after * 8 >= before * 9;
    for record in records {
        for pair in record.attempts.windows(2) {
            let (before, after) = (pair[0].attempt.fees, pair[1].attempt.fees);
            assert!(
                enough(before.max_fee, after.max_fee)
                    && enough(before.max_priority_fee, after.max_priority_fee),
                "nonce {}: {before:?}, then {after:?}",
                record.nonce
            );
        }
    }
}

/// A nonce is given up where a final block has another transaction, or a reverted one of ours, in its
/// place; it is confirmed where a final block has used it up.
fn burned_for_good(
    service: &Service,
    records: &[TransactionRecord],
    mined: &[MinedTransaction],
    final_height: u64,
) {
    let ours = mined.iter().filter(|it| it.signer == service.signer.address);
    let by_nonce: HashMap<u64, &MinedTransaction> = ours.map(|it| (it.nonce, it)).collect();
    for record in records.iter().filter(|record| record.state != TransactionState::Live) {
        let nonce = record.nonce;
        let Some(mined) = by_nonce.get(&nonce) else {
            panic!("nonce {nonce} is {:?}, and is open on chain", record.state)
        };
        assert!(mined.block.number <= final_height, "nonce {nonce} is not final");
        if let TransactionState::Burned(_) = record.state {
            let has = record.attempts.iter().any(|row| row.attempt.hash == mined.hash);
            assert!(!(has && mined.succeeded), "nonce {nonce} had its effect");
        }
    }
}
