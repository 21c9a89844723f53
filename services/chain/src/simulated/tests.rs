mod collections;

use std::sync::Arc;

use domain::{BlockedReason, Fees, ManualClock, RevocationReason};
use futures::executor::block_on;
use proof::{Address, Hash, Timestamp};

use super::{Read, ReadFault, Reorg, SendFault, SimulatedChain, SimulatedConfig};
use crate::{
    At, Chain, ChainError, ContractCall, LocalSigner, Preflight, SendError, Sent,
    SignedTransaction, SigningPolicy, TransactionRequest, TransactionSigner,
};

const DEV_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const COMMITMENT: Hash = Hash([9; 32]);
const COLLECTION: Address = Address([0xc1; 20]);
const GWEI: u128 = 1_000_000_000;

struct Fixture {
    chain: SimulatedChain,
    signer: LocalSigner,
    clock: Arc<ManualClock>,
}

impl Fixture {
    fn new() -> Self {
        let clock =
            Arc::new(ManualClock::starting_at(Timestamp::from_block_seconds(1_700_000_000)));
        let config = SimulatedConfig::default();
        let registries = vec![config.registry];
        let policy = SigningPolicy {
            chain_id: config.chain_id,
            registries,
            collections: vec![COLLECTION],
            gas_cap: 10_000_000,
            fee_cap: 1000 * GWEI,
        };
        let signer = LocalSigner::from_dev_key(DEV_KEY, policy).unwrap();
        let chain = SimulatedChain::new(config, clock.clone());
        chain.set_role(signer.address(), true);
        Self { chain, signer, clock }
    }

    fn anchor(&self) -> ContractCall {
        ContractCall::Anchor { registry: self.registry(), commitment: COMMITMENT }
    }

    fn revoke(&self, indexes: &[u32]) -> ContractCall {
        ContractCall::Revoke {
            registry: self.registry(),
            commitment: COMMITMENT,
            indexes: indexes.to_vec(),
            reason: RevocationReason::PrivilegeWithdrawn,
        }
    }

    fn registry(&self) -> Address {
        SimulatedConfig::default().registry
    }

    fn sign(&self, call: ContractCall, nonce: u64, gwei: u128) -> SignedTransaction {
        let fees = Fees { max_fee: gwei * GWEI, max_priority_fee: gwei * GWEI / 10 };
        let request = TransactionRequest { call, nonce, gas_limit: 100_000, fees };
        block_on(self.signer.sign(&request)).unwrap()
    }

    fn send(&self, transaction: &SignedTransaction) -> Result<Sent, SendError> {
        block_on(self.chain.send(&transaction.raw))
    }

    fn is_anchored(&self, at: At) -> Result<bool, ChainError> {
        block_on(self.chain.anchored(self.registry(), COMMITMENT, at)).map(|fact| fact.is_some())
    }

    fn nonce(&self, at: At) -> Result<u64, ChainError> {
        block_on(self.chain.nonce(self.signer.address(), at))
    }

    fn preflight(&self, call: &ContractCall) -> Preflight {
        block_on(self.chain.preflight(self.signer.address(), call)).unwrap()
    }
}

#[test]
fn a_transaction_is_sent_mined_and_read_at_its_block() {
    let f = Fixture::new();
    let anchor = f.sign(f.anchor(), 0, 10);
    let before = block_on(f.chain.head()).unwrap();
    assert_eq!(f.send(&anchor), Ok(Sent::Accepted));
    assert_eq!(f.send(&anchor), Ok(Sent::AlreadyKnown));
    f.clock.advance(12_345);
    let block = f.chain.mine();
    assert_eq!(block.time.since(before.time), 12_000, "whole seconds");
    assert_eq!(f.send(&anchor), Ok(Sent::NonceTooLow));

    let at = |hash| At::Block(hash);
    assert!(!f.is_anchored(at(before.block.hash)).unwrap());
    assert!(f.is_anchored(at(block.block.hash)).unwrap() && f.is_anchored(At::Head).unwrap());
    assert_eq!(f.nonce(at(before.block.hash)).unwrap(), 0);
    assert_eq!(f.nonce(at(block.block.hash)).unwrap(), 1);
    let fact = block_on(f.chain.anchored(f.registry(), COMMITMENT, At::Head)).unwrap().unwrap();
    assert_eq!((fact.operator, fact.time, fact.block_number), (f.signer.address(), block.time, 1));
    let hint = block_on(f.chain.inclusion_hint(anchor.hash)).unwrap().unwrap();
    assert!(hint.succeeded && hint.block == block.block);
    let spent = SimulatedConfig::default().balance - f.chain.balance(f.signer.address());
    assert_eq!(spent, 47_900 * 2 * GWEI, "base fee and priority fee");
}

#[test]
fn revocation_and_replay() {
    let f = Fixture::new();
    let blocked = |reason| Preflight::Blocked(reason);
    assert_eq!(f.preflight(&f.revoke(&[1])), blocked(BlockedReason::Reverts));
    f.send(&f.sign(f.anchor(), 0, 10)).unwrap();
    f.send(&f.sign(f.revoke(&[1, 700]), 1, 10)).unwrap();
    f.send(&f.sign(f.anchor(), 2, 10)).unwrap();
    f.chain.mine();
    let revoked = f.chain.revoked(f.registry(), COMMITMENT, &[0, 1, 2, 700], At::Head);
    assert_eq!(block_on(revoked).unwrap(), [false, true, false, true]);
    assert!(f.chain.transactions().iter().all(|transaction| transaction.succeeded));

    f.chain.set_paused(true);
    assert!(matches!(f.preflight(&f.anchor()), Preflight::Ready { .. }), "a replay is harmless");
    assert_eq!(f.preflight(&f.revoke(&[3])), blocked(BlockedReason::Paused));
}

#[test]
fn preflight_tells_what_is_missing() {
    let f = Fixture::new();
    assert_eq!(f.preflight(&f.anchor()), Preflight::Ready { gas_limit: 59_875 });
    f.chain.set_paused(true);
    assert_eq!(f.preflight(&f.anchor()), Preflight::Blocked(BlockedReason::Paused));
    f.chain.set_role(f.signer.address(), false);
    assert_eq!(f.preflight(&f.anchor()), Preflight::Blocked(BlockedReason::Role));
    f.chain.set_paused(false);
    f.chain.set_role(f.signer.address(), true);
    f.chain.set_balance(f.signer.address(), 59_875 * 2 * GWEI - 1);
    assert_eq!(f.preflight(&f.anchor()), Preflight::Blocked(BlockedReason::Funds));
    f.chain.set_balance(f.signer.address(), 59_875 * 2 * GWEI);
    assert!(matches!(f.preflight(&f.anchor()), Preflight::Ready { .. }));
    f.chain.remove_code(true);
    let refused = block_on(f.chain.preflight(f.signer.address(), &f.anchor()));
    assert!(matches!(refused, Err(ChainError::Contract(_))));
    assert_eq!(block_on(f.chain.code_hash(f.registry())).unwrap(), None);
}

#[test]
fn a_revert_burns_the_nonce() {
    let f = Fixture::new();
    let anchor = f.sign(f.anchor(), 0, 10);
    f.send(&anchor).unwrap();
    f.chain.set_role(f.signer.address(), false);
    f.chain.mine();
    assert!(!f.is_anchored(At::Head).unwrap() && f.nonce(At::Head).unwrap() == 1);
    let hint = block_on(f.chain.inclusion_hint(anchor.hash)).unwrap().unwrap();
    assert!(!hint.succeeded);
}

#[test]
fn the_pool_keeps_the_rules_of_real_nodes() {
    let f = Fixture::new();
    let first = f.sign(f.anchor(), 0, 100);
    f.send(&first).unwrap();
    assert!(matches!(f.send(&f.sign(f.anchor(), 0, 109)), Err(SendError::Underpriced(_))));
    let second = f.sign(f.anchor(), 0, 110);
    assert_eq!(f.send(&second), Ok(Sent::Accepted));
    assert_eq!(f.chain.pool(), [second.hash]);

    f.send(&f.sign(f.anchor(), 2, 100)).unwrap(); // a gap: waits
    f.chain.set_base_fee(111 * GWEI);
    f.chain.mine();
    assert_eq!(f.chain.transactions(), [], "too cheap");
    f.chain.set_base_fee(GWEI);
    f.chain.mine_empty();
    assert_eq!(f.chain.transactions(), []);
    f.chain.mine();
    assert_eq!(f.chain.transactions().len(), 1);
    assert_eq!(f.chain.pool().len(), 1, "nonce 1 is missing");

    f.chain.set_balance(f.signer.address(), 1);
    assert!(matches!(f.send(&f.sign(f.anchor(), 3, 10)), Err(SendError::Funds(_))));
    assert!(matches!(block_on(f.chain.send(&[1, 2])), Err(SendError::Rejected(_))));
    f.chain.drop_pool();
    assert_eq!(f.chain.pool(), []);
}

#[test]
fn an_older_attempt_may_be_mined() {
    let f = Fixture::new();
    let older = f.sign(f.anchor(), 0, 10);
    let newer = f.sign(f.anchor(), 0, 20);
    f.send(&older).unwrap();
    f.send(&newer).unwrap();
    let mined = f.chain.mine_raw(&older.raw).unwrap().unwrap();
    assert_eq!(f.chain.pool(), []);
    assert!(f.is_anchored(At::Block(mined.block.hash)).unwrap());
    assert_eq!(f.chain.mine_raw(&newer.raw), Ok(None), "the nonce is gone");
}

#[test]
fn reorgs_take_blocks_and_state_back() {
    for (kind, back_in_pool, height) in
        [(Reorg::Lost, false, 3), (Reorg::Returned, true, 3), (Reorg::Shorter, false, 0)]
    {
        let f = Fixture::new();
        let anchor = f.sign(f.anchor(), 0, 10);
        f.send(&anchor).unwrap();
        let gone = f.chain.mine().block.hash;
        f.chain.mine_n(2);
        f.chain.reorg(3, kind);
        assert!(matches!(f.is_anchored(At::Block(gone)), Err(ChainError::Retry(_))));
        assert!(!f.is_anchored(At::Head).unwrap());
        assert_eq!(f.nonce(At::Head).unwrap(), 0);
        assert_eq!(f.chain.balance(f.signer.address()), SimulatedConfig::default().balance);
        assert_eq!(block_on(f.chain.inclusion_hint(anchor.hash)).unwrap(), None);
        assert_eq!(f.chain.pool().len(), usize::from(back_in_pool));
        let head = block_on(f.chain.head()).unwrap().block;
        assert_eq!(head.number, height);
        assert_ne!(head.hash, gone);
    }
}

#[test]
fn a_foreign_transaction_takes_the_nonce() {
    let f = Fixture::new();
    f.send(&f.sign(f.anchor(), 0, 10)).unwrap();
    f.chain.foreign_transaction(f.signer.address());
    assert_eq!((f.nonce(At::Head).unwrap(), f.chain.pool().len()), (1, 0));
    assert!(!f.is_anchored(At::Head).unwrap());
    assert_eq!(f.chain.transactions()[0].call, None);
}

#[test]
fn finality_lags_stalls_and_has_a_least_depth() {
    let f = Fixture::new();
    let finalized = || block_on(f.chain.finalized()).unwrap().block.number;
    assert_eq!(finalized(), 0);
    f.chain.mine_n(5);
    assert_eq!(finalized(), 3);
    f.chain.set_finality_lag(0);
    assert_eq!(finalized(), 4, "min_depth is 1");
    f.chain.set_finality_lag(2);
    f.chain.stall_finality(true);
    f.chain.mine_n(5);
    assert_eq!(finalized(), 3);
    f.chain.stall_finality(false);
    assert_eq!(finalized(), 8);
    assert_eq!(block_on(f.chain.header(10)).unwrap().unwrap().block.number, 10);
    assert_eq!(block_on(f.chain.header(11)).unwrap(), None);
}

#[test]
fn old_state_is_pruned() {
    let f = Fixture::new();
    let genesis = block_on(f.chain.head()).unwrap().block.hash;
    f.chain.mine_n(127);
    assert_eq!(f.nonce(At::Block(genesis)).unwrap(), 0);
    f.chain.mine();
    assert!(matches!(f.nonce(At::Block(genesis)), Err(ChainError::Retry(_))));
}

#[test]
fn sends_fail_before_and_after_they_act() {
    let f = Fixture::new();
    let anchor = f.sign(f.anchor(), 0, 10);
    f.chain.fail_send(SendFault::Lost, 1);
    f.chain.fail_send(SendFault::Answers(Ok(Sent::Accepted)), 1);
    f.chain.fail_send(SendFault::AnswerLost, 1);
    assert!(matches!(f.send(&anchor), Err(SendError::Unknown(_))));
    assert_eq!(f.send(&anchor), Ok(Sent::Accepted));
    assert_eq!(f.chain.pool(), [], "said yes, did nothing");
    assert!(matches!(f.send(&anchor), Err(SendError::Unknown(_))));
    assert_eq!(f.chain.pool(), [anchor.hash], "said nothing, did it");
    assert_eq!(f.send(&anchor), Ok(Sent::AlreadyKnown));
    assert_eq!(f.chain.wire(), [anchor.hash; 4]);
}

#[test]
fn reads_fail_lag_and_lie_as_told() {
    let f = Fixture::new();
    let anchor = f.sign(f.anchor(), 0, 10);
    f.send(&anchor).unwrap();
    let new = f.chain.mine().block;
    f.chain.fail_reads(ReadFault::Stale { blocks: 1 }, 1);
    assert_eq!(block_on(f.chain.head()).unwrap().block.number, 0);
    assert!(!f.is_anchored(At::Head).unwrap() && f.is_anchored(At::Head).unwrap());
    assert!(matches!(f.nonce(At::Block(new.hash)), Err(ChainError::Retry(_))), "not seen yet");
    assert_eq!(f.nonce(At::Block(new.hash)).unwrap(), 1);
    assert_eq!(block_on(f.chain.header(1)).unwrap(), None);

    f.chain.heal();
    f.chain.fail_reads(ReadFault::Absent, 1);
    assert_eq!(block_on(f.chain.inclusion_hint(anchor.hash)).unwrap(), None);
    assert!(!f.is_anchored(At::Head).unwrap());
    assert!(matches!(block_on(f.chain.fee_quote()), Err(ChainError::Retry(_))));

    f.chain.heal();
    f.chain.fail_read(Read::Head, ReadFault::Unavailable, u32::MAX);
    for _ in 0..9 {
        assert!(matches!(block_on(f.chain.head()), Err(ChainError::Retry(_))));
    }
    f.chain.heal();
    f.chain.fail_read(Read::Head, ReadFault::WrongChain, 1);
    assert!(matches!(block_on(f.chain.head()), Err(ChainError::WrongChain { .. })));
    assert_eq!(block_on(f.chain.head()).unwrap().block, new);
}

#[test]
fn a_caller_is_stopped_in_the_middle_and_goes_on() {
    let f = Fixture::new();
    let anchor = f.sign(f.anchor(), 0, 10);
    f.chain.hold_after(1);
    let mut stopped = Box::pin(async {
        f.chain.head().await.unwrap();
        f.chain.send(&anchor.raw).await
    });
    let caught = block_on(async {
        futures::future::select(&mut stopped, Box::pin(f.chain.held())).await;
        f.chain.pool()
    });
    assert_eq!(caught, [], "it is stopped before the node hears of it");
    assert_eq!(f.nonce(At::Head).unwrap(), 0, "others are not stopped");
    f.chain.release();
    assert_eq!(block_on(stopped), Ok(Sent::Accepted));
}

#[test]
fn what_is_true_is_told_whatever_nodes_say() {
    let f = Fixture::new();
    f.send(&f.sign(f.anchor(), 0, 10)).unwrap();
    f.send(&f.sign(f.revoke(&[1]), 1, 10)).unwrap();
    let mined = f.chain.mine();
    f.chain.mine_n(3);
    f.chain.fail_reads(ReadFault::Unavailable, u32::MAX);
    assert_eq!((f.chain.height(), f.chain.final_height()), (4, 2));
    assert_eq!(f.chain.canonical(1), Some(mined));
    assert!(f.chain.is_revoked(COMMITMENT, 1) && !f.chain.is_revoked(COMMITMENT, 2));
}
