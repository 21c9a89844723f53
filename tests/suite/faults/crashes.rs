//! A crash between any two effects equals "the next step was not taken": whatever was under way is
//! completed after the restart, once.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{Clock as _, Position, RevocationReason};
use store::{RevocationRequest, Store};
use worker::{FAILPOINTS, StepError};

use crate::support::{COLLECTIONS, Service, over_both_databases, owner};

over_both_databases!(
    a_crash_while_anchoring_is_followed_by_the_next_step,
    a_crash_while_minting_is_followed_by_the_next_step,
    a_crash_while_splitting_is_followed_by_the_next_step,
    a_crash_while_revoking_is_followed_by_the_next_step,
    a_commit_whose_answer_is_lost_is_found_by_the_same_process,
);

const GWEI: u128 = 1_000_000_000;
/// Of which the third does not fit into a transaction.
const DEAR_TOKEN: u64 = 4_000_000;

/// From open positions to a sealed batch.
const SEALING: [&str; 5] =
    ["before-cut", "after-cut", "before-tiles", "between-tiles-and-seal", "after-seal"];
/// While the contract is paused.
const BLOCKING: [&str; 2] = ["before-block", "after-block"];
const SPLITTING: [&str; 2] = ["before-split", "after-split"];
/// From a sealed batch to a final one.
const SIGNING: [&str; 11] = [
    "before-sign",
    "after-sign",
    "after-prepare",
    "after-send",
    "before-bump",
    "after-bump",
    "before-observe",
    "after-read",
    "after-observe",
    "before-conclude",
    "after-conclude",
];
const FOLLOWING: [&str; 2] = ["before-follow", "after-follow"];

#[test]
fn every_failpoint_is_reached() {
    let parts: [&[&str]; 5] = [&SEALING, &BLOCKING, &SPLITTING, &SIGNING, &FOLLOWING];
    let reached: BTreeSet<_> = parts.concat().into_iter().collect();
    assert_eq!(reached, FAILPOINTS.into_iter().collect());
}

async fn a_crash_while_anchoring_is_followed_by_the_next_step(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    for failpoint in [&SEALING[..], &BLOCKING, &SIGNING, &FOLLOWING].concat() {
        service.submit(2).await;
        service.grow_old();
        let pause = |service: &Service, paused| service.chain.set_paused(paused);
        crash_at(&mut service, failpoint, Then::Restarts, pause).await;
        service.until_final().await;
    }
    service.assert_kept().await;
}

async fn a_crash_while_minting_is_followed_by_the_next_step(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let failpoints = [&SEALING[..], &BLOCKING, &SIGNING, &FOLLOWING].concat();
    for failpoint in &failpoints {
        let badges = anchored(&mut service).await;
        service.grow_mints_old();
        let pause =
            |service: &Service, paused| service.chain.set_collection_paused(COLLECTIONS[0], paused);
        crash_at(&mut service, failpoint, Then::Restarts, pause).await;
        service.until_minted(&badges).await;
    }
    service.assert_kept().await;
    assert_eq!(batches_minted(&service).await, failpoints.len() as u64, "each batch once");
}

async fn a_crash_while_splitting_is_followed_by_the_next_step(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    service.chain.set_gas_per_token(DEAR_TOKEN);
    let failpoints = [&SEALING[..], &SPLITTING, &SIGNING].concat();
    for failpoint in &failpoints {
        let badges = anchored(&mut service).await;
        service.grow_mints_old();
        crash_at(&mut service, failpoint, Then::Restarts, |_, _| {}).await;
        service.until_minted(&badges).await;
    }
    service.assert_kept().await;
    assert_eq!(batches_minted(&service).await, 2 * failpoints.len() as u64, "each half once");
}

async fn a_crash_while_revoking_is_followed_by_the_next_step(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    for failpoint in [&SIGNING[..], &FOLLOWING].concat() {
        let badges = service.submit(2).await;
        service.grow_old();
        service.until_final().await;
        for badge in &badges {
            revoke(&service, *badge).await;
        }
        crash_at(&mut service, failpoint, Then::Restarts, |_, _| {}).await;
        for _ in 0..20 {
            service.blocks(1).await;
        }
        for badge in &badges {
            let revocation = service.revocation(*badge).await.unwrap();
            assert!(revocation.final_at.is_some(), "{failpoint}: {revocation:?}");
        }
    }
    service.assert_kept().await;
    let sent = service.chain.transactions().len();
    assert_eq!(sent, 2 * (SIGNING.len() + FOLLOWING.len()), "one anchor, one revocation each");
}

/// The connection breaks in a commit, or a node's answer is lost: the process goes on, and what it has
/// in memory may be wrong.
async fn a_commit_whose_answer_is_lost_is_found_by_the_same_process(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    for failpoint in [&SEALING[..], &BLOCKING, &SIGNING, &FOLLOWING].concat() {
        service.submit(2).await;
        service.grow_old();
        let pause = |service: &Service, paused| service.chain.set_paused(paused);
        crash_at(&mut service, failpoint, Then::GoesOn, pause).await;
        service.until_final().await;
    }
    service.assert_kept().await;
}

/// Three badges, final by their anchors; their mint is not due yet.
async fn anchored(service: &mut Service) -> Vec<Position> {
    let badges = service.submit_for(&[owner(3), owner(1), owner(2)]).await;
    service.grow_old();
    service.until_final().await;
    badges
}

async fn revoke(service: &Service, position: Position) {
    let request = RevocationRequest {
        account: service.account,
        position,
        reason: RevocationReason::PrivilegeWithdrawn,
        requested_at: service.clock.now(),
    };
    service.store.request_revocation(request).await.unwrap();
}

async fn batches_minted(service: &Service) -> u64 {
    chain::Chain::batch_count(service.chain.as_ref(), COLLECTIONS[0]).await.unwrap()
}

/// What the process does after the failpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Restarts,
    GoesOn,
}

/// Works, with the contract paused at first and then the market above every first attempt, until the
/// failpoint has fired and some blocks longer.
async fn crash_at(
    service: &mut Service,
    failpoint: &'static str,
    then: Then,
    pause: impl Fn(&Service, bool),
) {
    service.arm(failpoint);
    pause(service, true);
    for block in 0..30 {
        match service.work().await {
            Err(StepError::Failpoint(name)) => {
                assert_eq!(name, failpoint);
                if then == Then::Restarts {
                    service.restart();
                }
            }
            other => other.unwrap(),
        }
        if block == 1 {
            pause(service, false);
        }
        let view = service.store.signer_view(service.signer.id, 10).await.unwrap();
        let cheap = view.live.first().and_then(|live| match &live.attempts[..] {
            [only] => Some(only.fees.max_fee + 1),
            _ => None,
        });
        service.chain.set_base_fee(cheap.unwrap_or(GWEI));
        service.block();
        if block > 4 && !service.is_armed() && view.live.is_empty() {
            break;
        }
    }
    assert!(!service.is_armed(), "{failpoint} was never reached");
    service.chain.set_base_fee(GWEI);
}
