//! What can go wrong between the service and the chain, and that the promise is kept all the same:
//! each fault, then healing, then every badge is final, its effect once on chain, the audit clean.

use std::sync::Arc;

use chain::simulated::{Read, ReadFault, Reorg, SendFault};
use chain::{SendError, Sent};
use domain::{BadgeState, BatchState, Clock as _};
use store::Store;
use worker::{FAILPOINTS, Progress, StepError};

use crate::support::{HOUR_MS, Service, over_both_databases, owner};

over_both_databases!(
    a_crash_at_each_step_is_followed_by_the_next_step,
    a_reorg_loses_the_transaction,
    a_reorg_returns_the_transaction_to_the_pool,
    the_head_goes_backwards,
    a_waiting_transaction_pays_more,
    an_older_attempt_may_be_the_one_that_is_mined,
    a_foreign_transaction_takes_the_nonce,
    somebody_else_anchors_our_commitment,
    a_role_lost_in_flight_blocks_until_it_is_back,
    a_pause_takes_no_nonce,
    missing_funds_block_and_resume,
    sending_goes_wrong_in_every_way,
    nodes_are_down_for_hours,
    a_broken_promise_stays_on_record,
    a_lagging_or_silent_node_changes_nothing,
    finality_stalls,
    a_stale_leader_writes_nothing,
);

const GWEI: u128 = 1_000_000_000;

async fn a_crash_at_each_step_is_followed_by_the_next_step(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    for failpoint in FAILPOINTS {
        // anchors and mints are on their way at the same time
        let badges = service.submit_for(&[owner(2), owner(1), owner(2)]).await;
        service.submit(1).await;
        service.grow_mints_old();
        service.worker.failpoints().arm(failpoint);
        let mut died = false;
        for block in 0..12 {
            match service.work().await {
                Err(StepError::Failpoint(name)) => {
                    assert_eq!(name, failpoint);
                    died = true;
                    service.restart();
                }
                other => other.unwrap(),
            }
            // for a while the fee is too low, so that a higher one is prepared
            service.chain.set_base_fee(if block < 4 { 10 * GWEI } else { GWEI });
            service.block();
        }
        assert!(died, "{failpoint} was never reached");
        service.chain.set_base_fee(GWEI);
        service.until_final().await;
        service.until_minted(&badges).await;
        service.assert_kept().await;
    }
}

async fn reorganised(store: Arc<dyn Store>, kind: Reorg) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.chain.set_finality_lag(20);
    service.blocks(3).await;
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Included; 2]);
    service.chain.reorg(3, kind);
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Submitted; 2]);
    service.blocks(2).await;
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Included; 2]);
    service.chain.set_finality_lag(2);
    service.until_final().await;
    service.assert_kept().await;
    assert_eq!(service.attempts_by_nonce().await.len(), 1, "the same nonce all along");
}

async fn a_reorg_loses_the_transaction(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Lost).await;
}

async fn a_reorg_returns_the_transaction_to_the_pool(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Returned).await;
}

async fn the_head_goes_backwards(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Shorter).await;
}

async fn a_waiting_transaction_pays_more(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_base_fee(10 * GWEI);
    service.blocks(3).await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)], "it waits before it pays more");
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 2)]);
    service.assert_kept().await;
}

async fn an_older_attempt_may_be_the_one_that_is_mined(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_base_fee(10 * GWEI);
    service.blocks(3).await;
    service.work().await.unwrap();
    assert_eq!(service.attempts_by_nonce().await, [(0, 2)]);
    let stored = service.store.transactions(service.signer.id, 0, 1).await.unwrap();
    let first = &stored[0].attempts[0].attempt;
    service.chain.set_base_fee(GWEI);
    service.chain.mine_empty();
    assert!(service.chain.mine_raw(&first.raw).unwrap().is_some());
    service.until_final().await;
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    assert_eq!(batch.inclusion().unwrap().transaction, Some(first.hash));
    service.assert_kept().await;
}

async fn a_foreign_transaction_takes_the_nonce(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.foreign_transaction(service.signer.address);
    service.work().await.unwrap();
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)], "not before it is final");
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    service.assert_kept().await;
}

async fn somebody_else_anchors_our_commitment(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    // ours is evicted from every pool, and its effect is there without it
    service.chain.drop_pool();
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    service.anchored_by_somebody_else(batch.seal().unwrap().commitment).await;
    service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1)], "no nonce is left unused");
    service.assert_kept().await;
}

async fn a_role_lost_in_flight_blocks_until_it_is_back(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_role(service.signer.address, false);
    service.blocks(6).await;
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    assert!(matches!(batch.state, BatchState::Blocked { .. }), "{:?}", batch.state);
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)], "mined and reverted, no second");
    service.chain.set_role(service.signer.address, true);
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    service.assert_kept().await;
}

/// Blocks before a nonce is taken, and goes on alone when `heal` mends it.
async fn blocked_meanwhile(
    service: &mut Service,
    harm: impl Fn(&Service),
    heal: impl Fn(&Service),
) {
    harm(service);
    service.submit(2).await;
    service.grow_old();
    service.blocks(4).await;
    assert_eq!(service.states().await, [BadgeState::Sealed; 2]);
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    assert!(matches!(batch.state, BatchState::Blocked { .. }), "{:?}", batch.state);
    assert!(service.attempts_by_nonce().await.is_empty());
    assert!(service.chain.wire().is_empty());
    heal(service);
    service.until_final().await;
    service.assert_kept().await;
}

async fn a_pause_takes_no_nonce(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let pause = |service: &Service| service.chain.set_paused(true);
    blocked_meanwhile(&mut service, pause, |service| service.chain.set_paused(false)).await;
}

async fn missing_funds_block_and_resume(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let fund =
        |wei| move |service: &Service| service.chain.set_balance(service.signer.address, wei);
    blocked_meanwhile(&mut service, fund(1), fund(1_000_000_000 * GWEI)).await;
}

async fn sending_goes_wrong_in_every_way(store: Arc<dyn Store>) {
    let says = SendFault::Answers;
    let faults = [
        SendFault::Lost,
        SendFault::AnswerLost,
        says(Ok(Sent::Accepted)),
        says(Ok(Sent::AlreadyKnown)),
        says(Ok(Sent::NonceTooLow)),
        says(Err(SendError::Underpriced("replacement transaction underpriced".into()))),
        says(Err(SendError::Funds("insufficient funds".into()))),
        says(Err(SendError::NonceGap("nonce too high".into()))),
        says(Err(SendError::Rejected("rubbish".into()))),
        says(Err(SendError::Unknown("502".into()))),
    ];
    let mut service = Service::on(store).await;
    for fault in faults {
        let before = service.attempts_by_nonce().await.len();
        service.submit(2).await;
        service.grow_old();
        service.chain.fail_send(fault, 3);
        service.until_final().await;
        service.chain.heal();
        assert_eq!(service.attempts_by_nonce().await.len(), before + 1, "no new nonce");
        service.assert_kept().await;
    }
}

async fn nodes_are_down_for_hours(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.fail_reads(ReadFault::Unavailable, u32::MAX);
    service.chain.fail_send(SendFault::Lost, u32::MAX);
    for _ in 0..5 {
        service.submit(2).await;
        service.clock.advance(HOUR_MS);
        assert!(service.work().await.is_err());
        service.chain.mine_empty();
    }
    service.chain.heal();
    service.chain.drop_pool();
    service.until_final().await;
    service.assert_kept().await;
}

async fn a_broken_promise_stays_on_record(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.chain.fail_send(SendFault::Lost, u32::MAX);
    service.work().await.unwrap();
    service.clock.advance(25 * HOUR_MS);
    let status =
        async |service: &Service| service.store.promise_status(service.clock.now()).await.unwrap();
    assert_eq!((status(&service).await.overdue, status(&service).await.late), (2, 0));
    service.chain.heal();
    service.until_final().await;
    assert_eq!((status(&service).await.overdue, status(&service).await.late), (0, 2));
    let audit = service.audit().await;
    assert_eq!(audit.findings.len(), 2, "the batch, and the total: {:#?}", audit.findings);
}

async fn a_lagging_or_silent_node_changes_nothing(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    for (read, fault) in [
        (Read::Nonce, ReadFault::Stale { blocks: 3 }),
        (Read::Anchored, ReadFault::Stale { blocks: 3 }),
        (Read::Anchored, ReadFault::Absent),
        (Read::InclusionHint, ReadFault::Absent),
        (Read::Head, ReadFault::Stale { blocks: 2 }),
        (Read::Finalized, ReadFault::Stale { blocks: 5 }),
        (Read::Header, ReadFault::Absent),
    ] {
        let before = service.attempts_by_nonce().await.len();
        service.submit(2).await;
        service.grow_old();
        service.work().await.unwrap();
        service.chain.fail_read(read, fault, 4);
        service.blocks(8).await;
        service.chain.heal();
        service.until_final().await;
        let nonces = service.attempts_by_nonce().await.len();
        assert_eq!(nonces, before + 1, "{read:?} {fault:?} took a second nonce");
        service.assert_kept().await;
    }
}

async fn finality_stalls(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.chain.stall_finality(true);
    service.submit(2).await;
    service.grow_old();
    service.blocks(20).await;
    assert_eq!(service.states().await, [BadgeState::Included; 2]);
    service.chain.stall_finality(false);
    service.until_final().await;
    service.assert_kept().await;
}

async fn a_stale_leader_writes_nothing(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    // the leader is stopped for a minute; another takes over; the leader wakes up and, without
    // asking for the lease anew, goes on
    let mut second = service.another_worker("second");
    service.clock.advance(60_000);
    service.block();
    while second.round().await.unwrap() == Progress::Moved {}
    service.submit(60).await;
    service.clock.advance(-60_000);
    let _ = service.worker.round().await;
    service.clock.advance(60_000);
    for _ in 0..12 {
        service.clock.advance(1_000);
        while second.round().await.unwrap() == Progress::Moved {}
        service.block();
    }
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1), (2, 1)]);
    service.grow_old();
    for _ in 0..8 {
        while second.round().await.unwrap() == Progress::Moved {}
        service.block();
    }
    service.assert_kept().await;
}
