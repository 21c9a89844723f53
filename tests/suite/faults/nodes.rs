//! Nodes that are silent, lag, lie or stall.

use std::sync::Arc;

use chain::simulated::{Read, ReadFault, SendFault};
use domain::{BadgeState, Clock as _};
use store::Store;

use crate::support::{HOUR_MS, Service, over_both_databases};

over_both_databases!(
    nodes_are_down_for_hours,
    a_broken_promise_stays_on_record,
    a_lagging_or_silent_node_changes_nothing,
    finality_stalls,
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
