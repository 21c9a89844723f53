//! Several workers on one database.

use std::sync::Arc;

use store::Store;
use worker::Progress;

use crate::support::{Service, over_both_databases};

over_both_databases!(a_stale_leader_writes_nothing,);

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
