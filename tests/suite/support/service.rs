//! A whole service without HTTP: a store, a simulated chain, a clock that the test moves, and a
//! worker that can die and come back.

use std::collections::HashSet;
use std::sync::Arc;

use chain::simulated::{SimulatedChain, SimulatedConfig};
use chain::{
    At, Chain as _, ContractCall, LocalSigner, SigningPolicy, TransactionRequest, TransactionSigner,
};
use domain::{
    AccountId, BadgeRecord, BadgeState, Batch, Clock, Control, Entropy as _, FeePolicy, Fees,
    IssuerId, ManualClock, OnCap, Position, SealPolicy, SeededEntropy, SendTiming, Signer, Stream,
    Submission,
};
use proof::{Address, Hash, Rule, Timestamp, commitment, inclusion_root};
use store::{RegistryRecord, Store};
use worker::{Follower, Pace, Parts, Policy, Progress, StepError, Worker};

use super::minting::COLLECTIONS;

pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const PROMISE_MS: i64 = 24 * HOUR_MS;
/// Seconds between two simulated blocks.
const BLOCK_MS: i64 = 12_000;
const GWEI: u128 = 1_000_000_000;
/// The second account of every development chain, another operator.
pub(super) const OTHER_KEY: &str =
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
/// The third account of every development chain, for a rotation.
const NEXT_KEY: &str = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
/// The first account of every development chain.
pub(super) const DEV_KEY: &str =
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

pub(crate) const POLICY: Policy = Policy {
    seal: SealPolicy {
        due_count: 50,
        max_count: 50,
        max_age_ms: 60_000,
        deadline_lead_ms: 4 * HOUR_MS,
    },
    mint_seal: SealPolicy {
        due_count: 8,
        max_count: 16,
        max_age_ms: 600_000,
        deadline_lead_ms: 4 * HOUR_MS,
    },
    fees: FeePolicy {
        usual_cap: 50 * GWEI,
        budget_cap: 500 * GWEI,
        hard_cap: 2_000 * GWEI,
        max_priority_fee: 2 * GWEI,
        escalate_before_ms: 6 * HOUR_MS,
        decide_before_ms: HOUR_MS,
        on_cap: OnCap::BreachBudget,
        bump_after_blocks: 3,
    },
    anchor_timing: SendTiming::at_once(6 * HOUR_MS),
    mint_timing: SendTiming::at_once(6 * HOUR_MS),
    max_live: 4,
};

pub(crate) struct Service {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) chain: Arc<SimulatedChain>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) account: AccountId,
    pub(crate) issuer: IssuerId,
    pub(crate) stream: Stream,
    pub(crate) signer: Signer,
    pub(crate) worker: Worker,
    /// Works too once there is a collection.
    pub(super) follower: Option<Follower>,
    key: Arc<dyn TransactionSigner>,
    pub(super) entropy: SeededEntropy,
    /// Of workers from the next restart on.
    pub(crate) policy: Policy,
    /// Every badge ever accepted.
    pub(crate) accepted: Vec<Position>,
}

impl Service {
    /// A service on a fresh database, its signer with role and money.
    pub(crate) async fn on(store: Arc<dyn Store>) -> Self {
        let start = Timestamp::from_millis(1_772_357_400_000).unwrap();
        let clock = Arc::new(ManualClock::starting_at(start));
        let config = SimulatedConfig::default();
        let (chain_id, registry) = (config.chain_id, config.registry);
        let chain = Arc::new(SimulatedChain::new(config, clock.clone()));
        let policy = signing_policy(chain_id, registry);
        let key = Arc::new(LocalSigner::from_dev_key(DEV_KEY, policy).unwrap());
        chain.set_role(key.address(), true);
        let account = store.add_account("한빛대학교", start).await.unwrap().id;
        let identifier = "https://hanbit.example/".parse().unwrap();
        let issuer =
            store.add_issuer(account, &identifier, &[], Control::Manual, start).await.unwrap().id;
        let stream = store
            .stream(chain_id, registry, "https://ingam.example", PROMISE_MS, start)
            .await
            .unwrap();
        let record = RegistryRecord {
            chain_id,
            address: registry,
            from_block: 0,
            code_hash: SimulatedChain::registry_code_hash(),
            created_at: start,
        };
        store.add_registry(&record).await.unwrap();
        let signer = store.signer(chain_id, key.address(), 0, start).await.unwrap();
        let worker = Worker::new(Parts {
            store: Arc::clone(&store),
            chain: chain.clone(),
            key: key.clone(),
            clock: clock.clone(),
            signer: signer.clone(),
            holder: "first".into(),
            policy: POLICY,
            pace: PACE,
        });
        Self {
            store,
            chain,
            clock,
            account,
            issuer,
            stream,
            signer,
            worker,
            follower: None,
            key,
            entropy: SeededEntropy::new(7),
            policy: POLICY,
            accepted: Vec::new(),
        }
    }

    /// Another worker process of this service.
    pub(crate) fn another_worker(&self, holder: &str) -> Worker {
        self.another_worker_by(holder, self.clock.clone())
    }

    /// The same on a host with this clock.
    pub(crate) fn another_worker_by(&self, holder: &str, clock: Arc<dyn Clock>) -> Worker {
        Worker::new(Parts {
            store: Arc::clone(&self.store),
            chain: self.chain.clone(),
            key: self.key.clone(),
            clock,
            signer: self.signer.clone(),
            holder: holder.into(),
            policy: self.policy,
            pace: PACE,
        })
    }

    /// Another operator anchors the commitment first, in a block of its own.
    pub(crate) async fn anchored_by_somebody_else(&self, commitment: Hash) {
        let registry = self.stream.registry;
        self.done_by_somebody_else(ContractCall::Anchor { registry, commitment }).await;
    }

    /// Somebody else with all roles makes the call, in a block of its own.
    pub(crate) async fn done_by_somebody_else(&self, call: ContractCall) {
        let policy = signing_policy(self.stream.chain_id, self.stream.registry);
        let other = LocalSigner::from_dev_key(OTHER_KEY, policy).unwrap();
        self.chain.set_role(other.address(), true);
        for collection in COLLECTIONS {
            self.chain.set_minter(collection, other.address(), true);
        }
        let request = TransactionRequest {
            call,
            nonce: self.chain.next_nonce(other.address()),
            gas_limit: 1_000_000,
            fees: Fees { max_fee: 100 * GWEI, max_priority_fee: GWEI },
        };
        let signed = other.sign(&request).await.unwrap();
        self.clock.advance(BLOCK_MS);
        assert!(self.chain.mine_raw(&signed.raw).unwrap().is_some());
    }

    /// The configuration names another key, which has the role: the process is started with it.
    /// Returns the former key.
    pub(crate) async fn rotate(&mut self) -> Arc<dyn TransactionSigner> {
        let policy = signing_policy(self.stream.chain_id, self.stream.registry);
        let key = Arc::new(LocalSigner::from_dev_key(NEXT_KEY, policy).unwrap());
        self.chain.set_role(key.address(), true);
        let now = self.clock.now();
        self.signer = self.store.signer(self.stream.chain_id, key.address(), 0, now).await.unwrap();
        let former = std::mem::replace(&mut self.key, key);
        self.restart();
        former
    }

    /// The process is started with the signer's key in another place.
    pub(crate) fn sign_with(&mut self, key: Arc<dyn TransactionSigner>) {
        self.key = key;
        self.restart();
    }

    pub(crate) fn signing_policy(&self) -> SigningPolicy {
        signing_policy(self.stream.chain_id, self.stream.registry)
    }

    /// The process dies and is started again: everything in memory is gone.
    pub(crate) fn restart(&mut self) {
        self.worker = self.another_worker("first");
        if self.follower.is_some() {
            self.follower = Some(self.another_follower());
        }
    }

    /// Lets the process die where this failpoint is, at the first time that it comes there.
    pub(crate) fn arm(&self, failpoint: &'static str) {
        self.worker.failpoints().arm(failpoint);
        if let Some(follower) = &self.follower {
            follower.failpoints().arm(failpoint);
        }
    }

    /// Whether the process has not died yet where it was to.
    pub(crate) fn is_armed(&self) -> bool {
        let follower = self.follower.as_ref();
        self.worker.failpoints().is_armed()
            && follower.is_none_or(|follower| follower.failpoints().is_armed())
    }

    /// Another process that follows the chain.
    pub(crate) fn another_follower(&self) -> Follower {
        self.another_follower_by(self.clock.clone())
    }

    /// The same on a host with this clock.
    pub(crate) fn another_follower_by(&self, clock: Arc<dyn Clock>) -> Follower {
        Follower::new(Arc::clone(&self.store), self.chain.clone(), clock)
    }

    /// Accepts this many new badges.
    pub(crate) async fn submit(&mut self, count: usize) -> Vec<Position> {
        let submissions: Vec<_> = (0..count).map(|_| self.submission()).collect();
        let accepted = self.store.accept(self.stream.id, &submissions).await.unwrap();
        let positions: Vec<_> = accepted.iter().map(|accepted| accepted.position).collect();
        self.accepted.extend(&positions);
        positions
    }

    pub(crate) fn submission(&self) -> Submission {
        Submission {
            issuer: self.issuer,
            rule: Rule::JcsSha256V1,
            digest: self.entropy.salt(),
            id_tag: None,
            salt: self.entropy.salt(),
            accepted_at: self.clock.now(),
            window_started_at: None,
            external_id: None,
            public_lookup: true,
            recipient: None,
            metadata: None,
        }
    }

    /// Lets the oldest open badge grow old enough to be cut.
    pub(crate) fn grow_old(&self) {
        self.clock.advance(POLICY.seal.max_age_ms);
    }

    /// Rounds until there is nothing to do at this head.
    pub(crate) async fn work(&mut self) -> Result<(), StepError> {
        for _ in 0..100 {
            let mut progress = self.worker.round().await?;
            if let (Progress::Idle, Some(follower)) = (progress, &mut self.follower) {
                progress = follower.round().await?;
            }
            if progress == Progress::Idle {
                return Ok(());
            }
        }
        panic!("the worker does not come to rest");
    }

    /// A block is mined with what the pool has.
    pub(crate) fn block(&self) {
        self.clock.advance(BLOCK_MS);
        self.chain.mine();
    }

    /// Works and mines this many blocks. A round that ends early is taken again at the next block.
    pub(crate) async fn blocks(&mut self, count: usize) {
        for _ in 0..count {
            let _ = self.work().await;
            self.block();
        }
    }

    /// Works and mines until every badge is final.
    pub(crate) async fn until_final(&mut self) {
        for _ in 0..60 {
            self.work().await.unwrap();
            if self.states().await.iter().all(|state| *state == BadgeState::Final) {
                return;
            }
            self.block();
        }
        panic!("not final after 60 blocks: {:?}", self.states().await);
    }

    pub(crate) async fn record(&self, position: Position) -> BadgeRecord {
        self.store.badge(position).await.unwrap().unwrap()
    }

    pub(crate) async fn states(&self) -> Vec<BadgeState> {
        let mut states = Vec::new();
        for position in &self.accepted {
            states.push(self.record(*position).await.state());
        }
        states
    }

    /// The commitment of a badge's sealed batch, and its leaf's place in it.
    pub(crate) async fn leaf(&self, badge: Position) -> Option<(Hash, u32)> {
        let batch = self.record(badge).await.batch?;
        let index = u32::try_from(badge.distance_from(batch.first)).unwrap();
        Some((batch.seal()?.commitment, index))
    }

    /// The proof document of a badge, made from stored tiles alone.
    pub(crate) async fn inclusion(&self, position: Position) -> (Hash, u64, u64, Vec<Hash>) {
        let record = self.record(position).await;
        let batch = record.batch.as_ref().unwrap();
        let index = position.distance_from(batch.first);
        let (size, path) = self.path(batch, index).await;
        (record.entry().leaf(), index, size, path)
    }

    /// Size of a sealed batch, and the path of one of its leaves.
    pub(super) async fn path(&self, batch: &Batch, index: u64) -> (u64, Vec<Hash>) {
        let size = batch.seal().unwrap().size;
        let mut tiles = Vec::new();
        for id in proof::tiles_for_path(index, size).unwrap() {
            tiles.push(self.store.tile(batch.id, id).await.unwrap().unwrap());
        }
        let path = proof::path_from_tiles(index, size, |id| {
            tiles.iter().find(|tile| tile.id == id).cloned()
        });
        (size, path.unwrap())
    }

    /// What was promised is kept: each badge's leaf leads to one commitment, which is on chain by
    /// the deadline; each commitment had its effect once; and the auditor agrees.
    pub(crate) async fn assert_kept(&self) {
        for position in &self.accepted {
            let record = self.record(*position).await;
            assert_eq!(record.state(), BadgeState::Final, "badge {position}");
            let (leaf, index, size, path) = self.inclusion(*position).await;
            let root = inclusion_root(leaf, index, size, &path).unwrap();
            let commitment = commitment(size, root, Hash::ZERO);
            let fact = self.chain.anchored(self.stream.registry, commitment, At::Head).await;
            let fact = fact.unwrap().expect("the commitment is on chain");
            assert!(fact.time <= record.deadline_at(), "badge {position} is late");
            assert!(fact.time <= self.chain.finalized().await.unwrap().time);
            let inclusion = *record.batch.as_ref().unwrap().inclusion().unwrap();
            assert_eq!(inclusion.block_time, fact.time);
            let header = self.chain.header(inclusion.block_number).await.unwrap().unwrap();
            assert_eq!(header.block.hash, inclusion.block_hash, "the proof's block is canonical");
        }
        self.assert_tokens_are_kept().await;
        self.assert_nothing_twice();
        self.assert_wire_is_known().await;
        self.assert_audit_is_clean().await;
    }

    /// No anchor and no mint of ours is on chain twice, though a second would change nothing.
    fn assert_nothing_twice(&self) {
        let mut done = HashSet::new();
        for mined in self.chain.transactions() {
            let commitment = match mined.call {
                Some(ContractCall::Anchor { commitment, .. }) => commitment,
                Some(ContractCall::Mint { size, root, .. }) => commitment(size, root, Hash::ZERO),
                Some(ContractCall::Revoke { .. }) | None => continue,
            };
            if mined.succeeded && mined.signer == self.signer.address {
                assert!(done.insert(commitment), "{commitment} was sent twice");
            }
        }
    }

    /// Nothing was ever handed to a node that the database does not know.
    async fn assert_wire_is_known(&self) {
        let mut known = Vec::new();
        for signer in self.store.signers().await.unwrap() {
            let stored = self.store.transactions(signer.id, 0, 1000).await.unwrap();
            let attempts = stored.iter().flat_map(|record| &record.attempts);
            known.extend(attempts.map(|row| row.attempt.hash));
        }
        for sent in self.chain.wire() {
            assert!(known.contains(&sent), "{sent} is on the wire and not in the database");
        }
    }

    /// What the process does beside the rounds, once a day: a head of the audit log.
    pub(crate) async fn seal_log(&mut self) {
        let Self { store, stream, entropy, clock, .. } = &*self;
        let made = worker::seal_log(store.as_ref(), stream, entropy, clock.now()).await.unwrap();
        self.accepted.extend(made.map(|made| made.position));
    }

    pub(crate) async fn audit(&self) -> worker::audit::Audit {
        let chain: &dyn chain::Chain = self.chain.as_ref();
        let now = self.clock.now();
        worker::audit::audit(self.store.as_ref(), Some(chain), now).await.unwrap()
    }

    pub(crate) async fn assert_audit_is_clean(&self) {
        let audit = self.audit().await;
        assert!(audit.is_clean(), "{:#?}", audit.findings);
    }

    /// Nonces in the database, with the number of attempts of each.
    pub(crate) async fn attempts_by_nonce(&self) -> Vec<(u64, usize)> {
        let stored = self.store.transactions(self.signer.id, 0, 1000).await.unwrap();
        stored.iter().map(|record| (record.nonce, record.attempts.len())).collect()
    }
}

fn signing_policy(chain_id: u64, registry: Address) -> SigningPolicy {
    let fee_cap = POLICY.fees.hard_cap;
    SigningPolicy {
        chain_id,
        registries: vec![registry],
        collections: COLLECTIONS.to_vec(),
        gas_cap: 10_000_000,
        fee_cap,
    }
}

const PACE: Pace = Pace {
    idle: std::time::Duration::from_millis(1),
    lease_renewal_ms: 5_000,
    lease_ttl_ms: 20_000,
};
