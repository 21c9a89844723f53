//! Nodes that are silent, lag, lie or stall.

use std::sync::Arc;

use chain::simulated::{Read, ReadFault, Reorg, SendFault};
use domain::{BadgeState, Clock as _, ManualClock};
use store::Store;

use crate::support::{HOUR_MS, Service, over_both_databases};

over_both_databases!(
    nodes_are_down_for_hours,
    a_broken_promise_stays_on_record,
    a_lagging_or_silent_node_changes_nothing,
    finality_stalls,
    a_stale_nonce_is_never_given_to_a_transaction,
    a_missing_receipt_is_no_reason_to_send_again,
    the_least_depth_protects_from_a_dishonest_tag,
    a_wrong_host_clock_changes_nothing_on_chain,
    a_time_that_nodes_invent_is_believed_for_a_day_at_most,
);

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

async fn a_stale_nonce_is_never_given_to_a_transaction(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    for fault in [ReadFault::Stale { blocks: 50 }, ReadFault::Unavailable, ReadFault::Absent] {
        service.chain.fail_read(Read::Nonce, fault, u32::MAX);
        for _ in 0..3 {
            service.submit(1).await;
            service.grow_old();
            let _ = service.work().await;
        }
        service.chain.heal();
        service.until_final().await;
    }
    let nonces: Vec<_> =
        service.attempts_by_nonce().await.iter().map(|(nonce, _)| *nonce).collect();
    let expected: Vec<_> = (0..).take(nonces.len()).collect();
    assert_eq!(nonces, expected);
    assert_eq!(service.chain.transactions().len(), nonces.len(), "each nonce was used");
    service.assert_kept().await;
}

async fn a_missing_receipt_is_no_reason_to_send_again(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.chain.fail_read(Read::InclusionHint, ReadFault::Absent, u32::MAX);
    service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)]);
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    assert_eq!(batch.inclusion().unwrap().transaction, None, "nobody told it");
    service.assert_kept().await;
}

async fn the_least_depth_protects_from_a_dishonest_tag(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.chain.set_finality_lag(0);
    service.chain.set_min_depth(6);
    service.submit(2).await;
    service.grow_old();
    service.blocks(5).await;
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Included; 2], "whatever the tag says");
    service.chain.reorg(5, Reorg::Lost);
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await.len(), 1);
    service.assert_kept().await;
}

/// The badges come in at the right time; the workers' hosts are a day ahead, then a day behind.
async fn a_wrong_host_clock_changes_nothing_on_chain(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    for wrong_by in [24 * HOUR_MS, -24 * HOUR_MS] {
        let now = service.clock.now();
        let host = Arc::new(ManualClock::starting_at(now.plus_millis(wrong_by)));
        service.worker = service.another_worker_by("wrong", host.clone());
        service.submit(2).await;
        let mut nonces = service.attempts_by_nonce().await.len();
        for _ in 0..30 {
            let _ = service.work().await;
            service.block();
            host.advance(12_000);
        }
        nonces += 1;
        assert_eq!(service.attempts_by_nonce().await.len(), nonces, "{wrong_by} ms");
        assert!(service.states().await.iter().all(|state| *state == BadgeState::Final));
    }
    service.assert_kept().await;
}

async fn a_time_that_nodes_invent_is_believed_for_a_day_at_most(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    let host = Arc::new(ManualClock::starting_at(service.clock.now()));
    service.worker = service.another_worker_by("right", host.clone());
    // the chain's time is that of this clock
    service.clock.advance(10 * 365 * 24 * HOUR_MS);
    service.chain.mine_n(4);
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Submitted; 2]);
    let stored = service.store.transactions(service.signer.id, 0, 10).await.unwrap();
    let latest = host.now().plus_millis(24 * HOUR_MS);
    for attempt in stored.iter().flat_map(|record| &record.attempts) {
        assert!(attempt.attempt.created_at <= latest, "{}", attempt.attempt.created_at);
    }
}
