use domain::{BlockedReason, ContractEvent, MAX_COLLECTION_BATCHES, RevocationReason};
use futures::executor::block_on;
use proof::{Address, EvmHash, Hash, TokenId, commitment, owners_hash};

use super::{COLLECTION, Fixture};
use crate::simulated::{Read, ReadFault, Reorg, SimulatedChain};
use crate::{At, Chain, ChainError, ChainEvent, ContractCall, Preflight, TokenFact};
use crate::{TransactionRequest, TransactionSigner};

const ROOT: Hash = Hash([5; 32]);
const ALICE: Address = Address([0xa; 20]);
const BOB: Address = Address([0xb; 20]);

fn minting() -> Fixture {
    let f = Fixture::new();
    f.chain.add_collection(COLLECTION, f.signer.address());
    f
}

fn mint(root: Hash, owners: &[Address]) -> ContractCall {
    let (size, owners) = (owners.len() as u64, owners.to_vec());
    ContractCall::Mint { collection: COLLECTION, size, root, owners }
}

fn batch() -> Hash {
    commitment(2, ROOT, Hash::ZERO)
}

impl Fixture {
    /// Sends and mines; whether it succeeded.
    fn mine_call(&self, call: ContractCall) -> bool {
        let nonce = self.nonce(At::Head).unwrap();
        let fees = domain::Fees { max_fee: 10_000_000_000, max_priority_fee: 1 };
        let request = TransactionRequest { call, nonce, gas_limit: 9_000_000, fees };
        self.send(&block_on(self.signer.sign(&request)).unwrap()).unwrap();
        self.chain.mine();
        self.chain.transactions().last().unwrap().succeeded
    }

    fn minted(&self) -> Option<EvmHash> {
        block_on(self.chain.minted(COLLECTION, batch(), At::Head)).unwrap()
    }

    fn token(&self, index: u32) -> TokenFact {
        block_on(self.chain.token(COLLECTION, TokenId::of(batch(), index), At::Head)).unwrap()
    }

    fn events(&self) -> Vec<ContractEvent> {
        let head = block_on(self.chain.head()).unwrap().block.number;
        let contracts = [self.registry(), COLLECTION];
        let events = self.chain.events(&contracts, 0, head);
        block_on(events).unwrap().into_iter().map(|event| event.event).collect()
    }
}

#[test]
fn a_batch_is_minted_once() {
    let f = minting();
    let before = block_on(f.chain.head()).unwrap().block.hash;
    assert!(f.mine_call(mint(ROOT, &[ALICE, BOB])));
    assert_eq!(f.minted(), Some(owners_hash(batch(), &[ALICE, BOB])));
    let then = f.chain.minted(COLLECTION, batch(), At::Block(before));
    assert_eq!(block_on(then).unwrap(), None);
    assert_eq!(f.token(0), TokenFact { owner: Some(ALICE), valid: true });
    assert_eq!(f.token(1), TokenFact { owner: Some(BOB), valid: true });
    assert_eq!(f.token(2), TokenFact { owner: None, valid: false });
    assert_eq!(block_on(f.chain.batch_count(COLLECTION)).unwrap(), 1);
    let anchored = f.chain.anchored(f.registry(), batch(), At::Head);
    assert_eq!(block_on(anchored).unwrap().unwrap().operator, COLLECTION);

    // the same owners: a success without effect, also without role and while paused
    f.chain.set_minter(COLLECTION, f.signer.address(), false);
    f.chain.set_collection_paused(COLLECTION, true);
    assert!(f.mine_call(mint(ROOT, &[ALICE, BOB])));
    // others
    assert!(!f.mine_call(mint(ROOT, &[ALICE, ALICE])));
    assert_eq!(f.preflight(&mint(ROOT, &[BOB, BOB])), Preflight::Blocked(BlockedReason::Reverts));
    assert_eq!(f.minted(), Some(owners_hash(batch(), &[ALICE, BOB])));
    assert_eq!(block_on(f.chain.batch_count(COLLECTION)).unwrap(), 1);
    assert_eq!(f.events(), []);
}

#[test]
fn preflight_tells_what_keeps_a_mint_back() {
    let f = minting();
    let minter = f.signer.address();
    let call = mint(ROOT, &[ALICE, BOB]);
    let blocked = |reason| assert_eq!(f.preflight(&call), Preflight::Blocked(reason));
    let ready = Preflight::Ready { gas_limit: (122_400 + 2 * 7_350) * 5 / 4 };
    assert_eq!(f.preflight(&call), ready);
    f.chain.set_paused(true);
    blocked(BlockedReason::Paused);
    f.chain.set_paused(false);
    f.chain.set_role(COLLECTION, false);
    blocked(BlockedReason::Role);
    assert!(!f.mine_call(call.clone()));
    assert_eq!(f.minted(), None, "all or nothing");
    f.chain.set_role(COLLECTION, true);
    f.chain.set_batch_count(COLLECTION, MAX_COLLECTION_BATCHES);
    blocked(BlockedReason::Full);
    f.chain.set_collection_paused(COLLECTION, true);
    blocked(BlockedReason::Paused);
    f.chain.set_minter(COLLECTION, minter, false);
    blocked(BlockedReason::Role);
    f.chain.set_minter(COLLECTION, minter, true);
    f.chain.set_collection_paused(COLLECTION, false);
    f.chain.set_batch_count(COLLECTION, MAX_COLLECTION_BATCHES - 1);
    assert_eq!(f.preflight(&call), ready);
    assert!(f.mine_call(call));
    let another = mint(Hash([6; 32]), &[ALICE]);
    assert_eq!(f.preflight(&another), Preflight::Blocked(BlockedReason::Full));
    for owners in [&[BOB, ALICE][..], &[Address::default()], &[]] {
        f.chain.set_batch_count(COLLECTION, 0);
        let refused = f.preflight(&mint(Hash([7; 32]), owners));
        assert_eq!(refused, Preflight::Blocked(BlockedReason::Reverts));
    }
    let nowhere = ContractCall::Mint {
        collection: Address([1; 20]),
        size: 1,
        root: ROOT,
        owners: vec![ALICE],
    };
    let missing = block_on(f.chain.preflight(minter, &nowhere));
    assert!(matches!(missing, Err(ChainError::Contract(_))));
}

#[test]
fn a_mint_above_the_cap_is_told_apart() {
    let f = minting();
    let call = mint(ROOT, &[ALICE; 100]);
    assert!(matches!(f.preflight(&call), Preflight::Ready { .. }));
    f.chain.set_gas_per_token(120_000);
    assert_eq!(f.preflight(&call), Preflight::TooMuchGas { estimate: Some(12_122_400) });
    assert!(matches!(f.preflight(&mint(ROOT, &[ALICE; 50])), Preflight::Ready { .. }));
    f.chain.set_gas_per_token(200_000);
    assert_eq!(f.preflight(&call), Preflight::TooMuchGas { estimate: None }, "beyond 2^24");
}

#[test]
fn anchored_but_not_minted_stays_mintable() {
    let f = minting();
    let (registry, commitment) = (f.registry(), batch());
    assert!(f.mine_call(ContractCall::Anchor { registry, commitment }));
    assert_eq!(f.minted(), None);
    f.chain.set_paused(true); // a replay of the anchor is harmless
    assert!(f.mine_call(mint(ROOT, &[ALICE, BOB])));
    assert!(f.minted().is_some());
}

#[test]
fn tokens_are_burned_and_revoked_by_others() {
    let f = minting();
    let id = |index| TokenId::of(batch(), index);
    let reason = RevocationReason::KeyCompromise;
    assert_eq!(f.chain.burn(COLLECTION, id(0)), None, "there is none yet");
    assert_eq!(f.chain.foreign_revoke(batch(), &[0], reason), None, "not anchored");
    assert!(f.mine_call(mint(ROOT, &[ALICE, BOB])));
    assert_eq!(f.chain.burn(COLLECTION, id(2)), None);
    assert!(f.chain.burn(COLLECTION, id(0)).is_some());
    assert_eq!(f.chain.burn(COLLECTION, id(0)), None, "only once");
    assert_eq!(f.token(0), TokenFact { owner: None, valid: false });
    assert_eq!(f.minted(), Some(owners_hash(batch(), &[ALICE, BOB])), "burning changes nothing");

    let revoked = TokenFact { owner: Some(BOB), valid: false };
    f.chain.foreign_revoke(batch(), &[1], reason).unwrap();
    assert_eq!(f.token(1), revoked);
    f.chain.foreign_reinstate(batch(), &[1]).unwrap();
    assert!(f.token(1).valid);
    f.chain.foreign_revoke_batch(batch(), reason).unwrap();
    assert_eq!(f.token(1), revoked);
    let bits = f.chain.revoked(f.registry(), batch(), &[0, 1], At::Head);
    assert_eq!(block_on(bits).unwrap(), [true, true]);
    f.chain.foreign_reinstate_batch(batch()).unwrap();
    assert!(f.token(1).valid);
    let by_us = RevocationReason::Superseded;
    let (registry, commitment) = (f.registry(), batch());
    let call = ContractCall::Revoke { registry, commitment, indexes: vec![1], reason: by_us };
    assert!(f.mine_call(call));
    assert_eq!(
        f.events(),
        [
            ContractEvent::Burned { id: id(0) },
            ContractEvent::Revoked { commitment, indexes: vec![1], reason },
            ContractEvent::Reinstated { commitment, indexes: vec![1] },
            ContractEvent::BatchRevoked { commitment, reason },
            ContractEvent::BatchReinstated { commitment },
            ContractEvent::Revoked { commitment, indexes: vec![1], reason: by_us },
        ]
    );
}

#[test]
fn a_reorg_takes_mints_burns_and_events_back() {
    for kind in [Reorg::Lost, Reorg::Returned, Reorg::Shorter] {
        let f = minting();
        assert!(f.mine_call(mint(ROOT, &[ALICE, BOB])));
        f.chain.burn(COLLECTION, TokenId::of(batch(), 1)).unwrap();
        f.chain.reorg(1, kind);
        assert_eq!(f.token(1).owner, Some(BOB));
        assert_eq!(f.events(), []);
        f.chain.mine();
        let again = kind == Reorg::Returned;
        assert_eq!(f.events().len(), usize::from(again), "{kind:?}");
        assert_eq!(f.token(1).owner.is_none(), again);
        f.chain.reorg(3, Reorg::Shorter);
        assert_eq!((f.minted(), f.token(0).owner), (None, None));
        assert_eq!(block_on(f.chain.batch_count(COLLECTION)).unwrap(), 0);
    }
}

#[test]
fn events_are_bounded_and_may_be_lies() {
    let f = minting();
    assert!(f.mine_call(mint(ROOT, &[ALICE, BOB])));
    let burned = f.chain.burn(COLLECTION, TokenId::of(batch(), 0)).unwrap().block;
    let ask = |contract, from, to| block_on(f.chain.events(&[contract], from, to));
    let honest = vec![ChainEvent {
        contract: COLLECTION,
        block: burned,
        event: ContractEvent::Burned { id: TokenId::of(batch(), 0) },
    }];
    assert_eq!(ask(COLLECTION, 2, 2).unwrap(), honest);
    assert_eq!(ask(COLLECTION, 0, 1).unwrap(), []);
    assert_eq!(ask(f.registry(), 0, 2).unwrap(), []);
    assert!(matches!(ask(COLLECTION, 0, 3), Err(ChainError::Retry(_))), "beyond the head");
    f.chain.fail_read(Read::Events, ReadFault::Absent, 1);
    assert_eq!(ask(COLLECTION, 0, 2).unwrap(), []);
    f.chain.fail_read(Read::Events, ReadFault::Stale { blocks: 1 }, 1);
    assert!(matches!(ask(COLLECTION, 0, 2), Err(ChainError::Retry(_))));

    let never = ChainEvent {
        event: ContractEvent::Burned { id: TokenId::of(batch(), 1) },
        ..honest[0].clone()
    };
    f.chain.invent_event(never.clone());
    assert_eq!(ask(COLLECTION, 0, 2).unwrap(), [honest[0].clone(), never]);
    assert_eq!(ask(COLLECTION, 0, 1).unwrap(), []);
    assert_eq!(f.token(1).owner, Some(BOB), "state does not lie");
    f.chain.heal();
    assert_eq!(ask(COLLECTION, 0, 2).unwrap(), honest);
}

#[test]
fn collections_are_read_with_faults() {
    let f = minting();
    assert!(f.mine_call(mint(ROOT, &[ALICE, BOB])));
    f.chain.fail_reads(ReadFault::Absent, 1);
    assert_eq!(f.minted(), None);
    assert_eq!(f.token(0), TokenFact { owner: None, valid: false });
    let count = block_on(f.chain.batch_count(COLLECTION));
    assert!(matches!(count, Err(ChainError::Retry(_))), "{count:?}");
    assert!(f.minted().is_some());
    let code = |address| block_on(f.chain.code_hash(address)).unwrap();
    f.chain.heal();
    assert_eq!(code(COLLECTION), Some(SimulatedChain::collection_code_hash()));
    assert_ne!(code(COLLECTION), code(f.registry()));
    let elsewhere = block_on(f.chain.minted(f.registry(), batch(), At::Head));
    assert!(matches!(elsewhere, Err(ChainError::Contract(_))));
}
