//! Whatever happens in whatever order: once it is over, every promise is kept, every token is
//! minted once, and the database says of burns and revocations what the chain says. The seed names
//! the schedule.

use std::sync::Arc;

use chain::simulated::{Read, ReadFault, Reorg, SendFault};
use chain::{At, Chain as _};
use domain::{Clock as _, Entropy as _, MintState, Position, RevocationReason, SeededEntropy};
use proof::Hash;
use store::{Erasure, RevocationRequest, Store};
use worker::FAILPOINTS;

use crate::support::{COLLECTIONS, Service, over_both_databases, owner};

over_both_databases!(schedule_1, schedule_2, schedule_3, schedule_4, schedule_5, schedule_6);

async fn schedule_1(store: Arc<dyn Store>) {
    run(store, 1).await;
}

async fn schedule_2(store: Arc<dyn Store>) {
    run(store, 2).await;
}

async fn schedule_3(store: Arc<dyn Store>) {
    run(store, 3).await;
}

async fn schedule_4(store: Arc<dyn Store>) {
    run(store, 4).await;
}

async fn schedule_5(store: Arc<dyn Store>) {
    run(store, 5).await;
}

async fn schedule_6(store: Arc<dyn Store>) {
    run(store, 6).await;
}

const STEPS: usize = 120;
const GWEI: u128 = 1_000_000_000;

struct Dice(SeededEntropy);

impl Dice {
    fn below(&self, limit: usize) -> usize {
        let [first, second, ..] = self.0.salt().0;
        usize::from(u16::from_be_bytes([first, second])) % limit
    }

    fn of<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

async fn run(store: Arc<dyn Store>, seed: u64) {
    let mut service = Service::minting(store).await;
    service.chain.set_finality_lag(3);
    let dice = Dice(SeededEntropy::new(seed));
    service.submit_for(&[owner(1), owner(2)]).await;
    for _ in 0..STEPS {
        happen(&mut service, &dice).await;
        let _ = service.work().await;
        service.block();
    }
    service.restart();
    service.chain.heal();
    service.chain.set_base_fee(GWEI);
    service.chain.set_collection_paused(COLLECTIONS[0], false);
    service.until_final().await;
    for _ in 0..3 {
        service.grow_mints_old();
        service.blocks(15).await;
    }
    service.assert_kept().await;
    for badge in service.accepted.clone() {
        assert_as_on_chain(&service, badge).await;
    }
}

/// One thing that may happen at any time.
async fn happen(service: &mut Service, dice: &Dice) {
    let now = service.clock.now();
    let owners = [owner(1), owner(2), owner(3)];
    let some = (!service.accepted.is_empty()).then(|| dice.of(&service.accepted));
    match dice.below(18) {
        0 | 1 => {
            service.submit_for(&owners[..=dice.below(3)]).await;
        }
        2 => {
            service.submit(1 + dice.below(3)).await;
        }
        3 => service.grow_old(),
        4 | 5 => service.grow_mints_old(),
        6 => {
            let kind = dice.of(&[Reorg::Lost, Reorg::Returned, Reorg::Shorter]);
            service.chain.reorg(1 + dice.below(2) as u64, kind);
        }
        7 => service.chain.set_collection_paused(COLLECTIONS[0], dice.below(2) == 0),
        8 => service.restart(),
        9 => service.worker.failpoints().arm(dice.of(&FAILPOINTS)),
        10 => {
            let read = dice.of(&[Read::Head, Read::Nonce, Read::Minted, Read::Events, Read::Token]);
            let fault = dice.of(&[ReadFault::Unavailable, ReadFault::Stale { blocks: 2 }]);
            service.chain.fail_read(read, fault, 3);
        }
        11 => {
            let fault = dice.of(&[true, false]);
            let fault = if fault { SendFault::Lost } else { SendFault::AnswerLost };
            service.chain.fail_send(fault, 2);
        }
        12 => service.chain.drop_pool(),
        13 => service.chain.set_base_fee(dice.of(&[GWEI, 10 * GWEI])),
        14 => {
            if let Some(badge) = some {
                others(service, badge, dice).await;
            }
        }
        15 => {
            if let Some(badge) = some {
                let tokens = service.store.tokens(badge).await.unwrap();
                let standing = tokens.iter().find(|token| token.replaced_at.is_none());
                let replaces = standing.and_then(|token| token.owner);
                service.request_mint(badge, dice.of(&owners), replaces).await;
            }
        }
        16 => {
            if let Some(badge) = some {
                let reason = RevocationReason::PrivilegeWithdrawn;
                let account = service.account;
                let request =
                    RevocationRequest { account, position: badge, reason, requested_at: now };
                service.store.request_revocation(request).await.unwrap();
            }
        }
        _ => {
            if let Some(badge) = some {
                let erased = service.store.erase(service.account, badge, now).await.unwrap();
                if erased == Erasure::Erased {
                    service.accepted.retain(|position| *position != badge);
                }
            }
        }
    }
}

/// What others do with a badge or its token; the chain refuses what cannot be.
async fn others(service: &Service, badge: Position, dice: &Dice) {
    let reason = RevocationReason::KeyCompromise;
    let token = service.store.tokens(badge).await.unwrap().into_iter().next();
    let leaf = match (&token, dice.below(2)) {
        (Some(token), 0) => {
            let batch = token.batch.as_ref().and_then(domain::Batch::seal);
            batch.zip(token.index).map(|(seal, index)| (seal.commitment, index))
        }
        _ => anchored_leaf(service, badge).await,
    };
    match (dice.below(3), leaf) {
        (0, _) => {
            if let Some(id) = token.and_then(|token| token.id()) {
                service.chain.burn(COLLECTIONS[0], id);
            }
        }
        (1, Some((commitment, index))) => {
            service.chain.foreign_revoke(commitment, &[index], reason);
        }
        (_, Some((commitment, index))) => {
            service.chain.foreign_reinstate(commitment, &[index]);
        }
        _ => {}
    }
}

async fn anchored_leaf(service: &Service, badge: Position) -> Option<(Hash, u32)> {
    let batch = service.record(badge).await.batch?;
    let index = u32::try_from(badge.distance_from(batch.first)).unwrap();
    Some((batch.seal()?.commitment, index))
}

async fn assert_as_on_chain(service: &Service, badge: Position) {
    let registry = service.stream.registry;
    let bit = async |commitment, index| {
        service.chain.revoked(registry, commitment, &[index], At::Head).await.unwrap()[0]
    };
    let is_final = |revocation: Option<domain::Revocation>| {
        revocation.is_some_and(|revocation| revocation.final_at.is_some())
    };
    let (commitment, index) = anchored_leaf(service, badge).await.unwrap();
    let revoked = is_final(service.revocation(badge).await);
    assert_eq!(bit(commitment, index).await, revoked, "badge {badge}");
    for token in service.store.tokens(badge).await.unwrap() {
        let state = token.state();
        let ended = [MintState::Minted, MintState::Burned, MintState::Revoked];
        assert!(ended.contains(&state), "the token of badge {badge} is {state:?}");
        let batch = token.batch.as_ref().unwrap();
        let commitment = batch.seal().unwrap().commitment;
        let revoked = is_final(token.revocation);
        assert_eq!(bit(commitment, token.index.unwrap()).await, revoked, "token of badge {badge}");
        let owner = service.on_chain(&token).await.owner;
        assert_eq!(owner.is_none(), token.burned_at.is_some(), "the token of badge {badge}");
    }
}
