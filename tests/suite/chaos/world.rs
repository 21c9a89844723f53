//! A whole service without HTTP: a store, a clock that follows the chain, a worker that can die and
//! come back; anvil with a registry, and proxies before it.

use std::sync::Arc;
use std::time::Duration;

use chain::{
    ChainError, ChainProfile, EvmChain, Finality, LocalSigner, NodePolicy, OwnerKey, RegistryRoles,
    SigningPolicy, TransactionSigner as _,
};
use chaos_rpc::{ChaosRpc, DevelopmentNode};
use domain::{
    Attempt, BadgeState, Clock as _, Control, Entropy as _, IssuerId, ManualClock, Position,
    SeededEntropy, Signer, Stream, Submission,
};
use proof::{Address, Rule, Timestamp};
use serde_json::{Value, json};
use store::{RegistryRecord, Store};
use worker::{Pace, Parts, Progress, StepError, Worker};

use crate::support::{HOUR_MS, POLICY};

/// anvil's first two accounts.
const OWNER: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const SERVICE: &str = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
/// Seconds between two blocks.
const BLOCK_SECONDS: u64 = 12;

/// For machines that are loaded: late nodes are waited for as long as a call may take, and nodes that
/// are put aside are tried again at once.
pub(super) const PATIENT: NodePolicy = NodePolicy {
    timeout: Duration::from_secs(10),
    late_answers: Duration::from_secs(10),
    max_lag: 8,
    quarantine: Duration::ZERO,
    agreeing: 2,
};

/// A node that is put aside stays so for the rest of the test.
pub(super) const STRICT: NodePolicy =
    NodePolicy { quarantine: Duration::from_secs(3_600), max_lag: 3, ..PATIENT };

const PACE: Pace =
    Pace { idle: Duration::from_millis(1), lease_renewal_ms: 5_000, lease_ttl_ms: 20_000 };

pub(super) struct World {
    pub(super) node: DevelopmentNode,
    /// The service sees the chain through these only.
    pub(super) proxies: Vec<ChaosRpc>,
    /// The chain as it is.
    pub(super) direct: EvmChain,
    pub(super) chain: Arc<EvmChain>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) worker: Worker,
    pub(super) signer: Signer,
    pub(super) stream: Stream,
    /// The service's key in other hands.
    pub(super) key: Arc<LocalSigner>,
    profile: ChainProfile,
    issuer: IssuerId,
    entropy: SeededEntropy,
    /// Every badge ever accepted.
    pub(super) accepted: Vec<Position>,
    /// Blocks from here on are the service's.
    pub(super) first_block: u64,
}

fn profile(urls: &[&str], nodes: NodePolicy, min_depth: u64) -> ChainProfile {
    ChainProfile {
        chain_id: DevelopmentNode::CHAIN_ID,
        rpc_urls: urls.iter().map(|url| url.parse().unwrap()).collect(),
        finality: Finality::Tag,
        min_depth,
        gas_cap: 5_000_000,
        nodes,
    }
}

/// Connects however long a loaded machine takes.
pub(super) async fn connect(profile: &ChainProfile) -> EvmChain {
    loop {
        match EvmChain::connect(profile.clone()).await {
            Ok(chain) => return chain,
            Err(ChainError::Retry(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

impl World {
    /// With so many proxies. `None` where there is no anvil and the tests may be skipped.
    pub(super) async fn on(store: Arc<dyn Store>, proxies: usize) -> Option<Self> {
        Self::with(store, proxies, PATIENT, 0).await
    }

    /// The same, with these rules for nodes and blocks above a final one.
    pub(super) async fn with(
        store: Arc<dyn Store>,
        proxies: usize,
        nodes: NodePolicy,
        min_depth: u64,
    ) -> Option<Self> {
        let node = DevelopmentNode::start()?;
        let direct = connect(&profile(&[&node.url], PATIENT, min_depth)).await;
        let owner = OwnerKey::from_dev_key(OWNER).unwrap();
        let service = key(Address::default());
        let roles = RegistryRoles {
            owner: owner.address(),
            guardian: None,
            operators: vec![service.address()],
            revokers: vec![service.address()],
        };
        let registry = direct.deploy_registry(&owner, &roles).await.unwrap();
        node.rpc("evm_setAutomine", json!([false])).await;
        let key = Arc::new(key(registry.address));
        let mut before = Vec::new();
        for seed in 0..proxies {
            before.push(ChaosRpc::start(&node.url, seed as u64).await);
        }
        let urls: Vec<_> = before.iter().map(ChaosRpc::url).collect();
        let profile = profile(&urls, nodes, min_depth);
        let chain = Arc::new(connect(&profile).await);

        let clock = Arc::new(ManualClock::starting_at(head_time(&node).await));
        let start = clock.now();
        let chain_id = DevelopmentNode::CHAIN_ID;
        let account = store.add_account("한빛대학교", start).await.unwrap().id;
        let identifier = "https://hanbit.example/".parse().unwrap();
        let issuer = store.add_issuer(account, &identifier, &[], Control::Manual, start).await;
        let name = "https://ingam.example";
        let stream =
            store.stream(chain_id, registry.address, name, 24 * HOUR_MS, start).await.unwrap();
        let record = RegistryRecord {
            chain_id,
            address: registry.address,
            from_block: registry.block.number,
            code_hash: registry.code_hash,
            created_at: start,
        };
        store.add_registry(&record).await.unwrap();
        let signer = store.signer(chain_id, key.address(), 0, start).await.unwrap();
        let worker = worker(&store, &chain, &key, &clock, &signer);
        Some(Self {
            node,
            proxies: before,
            direct,
            chain,
            store,
            clock,
            worker,
            signer,
            stream,
            key,
            profile,
            issuer: issuer.unwrap().id,
            entropy: SeededEntropy::new(7),
            accepted: Vec::new(),
            first_block: registry.block.number + 1,
        })
    }

    /// The process dies and is started again: everything in memory is gone.
    pub(super) async fn restart(&mut self) {
        self.chain = Arc::new(connect(&self.profile).await);
        self.worker = worker(&self.store, &self.chain, &self.key, &self.clock, &self.signer);
    }

    /// The same, with other rules for nodes.
    pub(super) async fn restart_with(&mut self, nodes: NodePolicy) {
        self.profile.nodes = nodes;
        self.restart().await;
    }

    /// Accepts so many badges and lets them grow old enough to be cut.
    pub(super) async fn submit(&mut self, count: usize) {
        let submission = || Submission {
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
        };
        let submissions: Vec<_> = (0..count).map(|_| submission()).collect();
        let accepted = self.store.accept(self.stream.id, &submissions).await.unwrap();
        self.accepted.extend(accepted.iter().map(|accepted| accepted.position));
        let age = POLICY.seal.max_age_ms;
        self.node.rpc("evm_increaseTime", json!([age.unsigned_abs().div_ceil(1_000)])).await;
        self.clock.advance(age);
    }

    /// Rounds until there is nothing to do at this head.
    pub(super) async fn work(&mut self) -> Result<(), StepError> {
        for _ in 0..100 {
            if self.worker.round().await? == Progress::Idle {
                return Ok(());
            }
        }
        panic!("the worker does not come to rest");
    }

    /// A block is mined with what anvil's pool has.
    pub(super) async fn block(&self) {
        self.node.rpc("anvil_mine", json!(["0x1", format!("{BLOCK_SECONDS:#x}")])).await;
        self.follow_time().await;
    }

    /// The service's clock shows the newest block's time.
    async fn follow_time(&self) {
        let elapsed = head_time(&self.node).await.since(self.clock.now());
        self.clock.advance(elapsed);
    }

    /// Works and mines this many blocks. A round that ends early is taken again at the next block.
    pub(super) async fn blocks(&mut self, count: usize) {
        for _ in 0..count {
            let _ = self.work().await;
            self.block().await;
        }
    }

    /// No faults any more.
    pub(super) fn heal(&self) {
        self.proxies.iter().for_each(ChaosRpc::heal);
    }

    /// Works and mines until every badge is final.
    pub(super) async fn until_final(&mut self) {
        let mut worked = Ok(());
        for _ in 0..60 {
            worked = self.work().await;
            if self.states().await.iter().all(|state| *state == BadgeState::Final) {
                return;
            }
            self.block().await;
        }
        panic!("not final after 60 blocks: {:?}, {worked:?}", self.states().await);
    }

    pub(super) async fn states(&self) -> Vec<BadgeState> {
        let mut states = Vec::new();
        for position in &self.accepted {
            states.push(self.store.badge(*position).await.unwrap().unwrap().state());
        }
        states
    }

    /// The state of the badge that was accepted last.
    pub(super) async fn state(&self) -> BadgeState {
        *self.states().await.last().unwrap()
    }

    /// Nonces in the database, with the number of attempts of each.
    pub(super) async fn attempts_by_nonce(&self) -> Vec<(u64, usize)> {
        let stored = self.store.transactions(self.signer.id, 0, 1000).await.unwrap();
        stored.iter().map(|record| (record.nonce, record.attempts.len())).collect()
    }

    /// What was signed for the newest nonce, oldest first.
    pub(super) async fn attempts(&self) -> Vec<Attempt> {
        let stored = self.store.transactions(self.signer.id, 0, 1000).await.unwrap();
        let newest = stored.into_iter().next_back().unwrap();
        newest.attempts.into_iter().map(|row| row.attempt).collect()
    }

    /// Blocks that are mined without the pool's transactions would need another node: the pool
    /// forgets this one.
    pub(super) async fn forget(&self, attempt: &Attempt) {
        let hash = format!("0x{}", attempt.hash);
        self.node.rpc("anvil_dropTransaction", json!([hash])).await;
    }

    /// Where the newest badge is anchored, as the database says.
    pub(super) async fn inclusion(&self) -> domain::Inclusion {
        let newest = self.accepted.last().unwrap();
        let record = self.store.badge(*newest).await.unwrap().unwrap();
        *record.batch.unwrap().inclusion().unwrap()
    }
}

/// The raw bytes as anvil takes them.
pub(super) fn raw(attempt: &[u8]) -> Value {
    let digits: String = attempt.iter().map(|byte| format!("{byte:02x}")).collect();
    json!(format!("0x{digits}"))
}

fn key(registry: Address) -> LocalSigner {
    let policy = SigningPolicy {
        chain_id: DevelopmentNode::CHAIN_ID,
        registries: vec![registry],
        collections: Vec::new(),
        gas_cap: 5_000_000,
        fee_cap: POLICY.fees.hard_cap,
    };
    LocalSigner::from_dev_key(SERVICE, policy).unwrap()
}

fn worker(
    store: &Arc<dyn Store>,
    chain: &Arc<EvmChain>,
    key: &Arc<LocalSigner>,
    clock: &Arc<ManualClock>,
    signer: &Signer,
) -> Worker {
    Worker::new(Parts {
        store: Arc::clone(store),
        chain: chain.clone(),
        key: key.clone(),
        clock: clock.clone(),
        signer: signer.clone(),
        holder: "first".into(),
        policy: POLICY,
        pace: PACE,
    })
}

async fn head_time(node: &DevelopmentNode) -> Timestamp {
    let head = node.rpc("eth_getBlockByNumber", json!(["latest", false])).await;
    let seconds = head["timestamp"].as_str().unwrap().trim_start_matches("0x").to_owned();
    let seconds = i64::from_str_radix(&seconds, 16).unwrap();
    Timestamp::default().plus_millis(seconds * 1_000)
}
