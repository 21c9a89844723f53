//! Several workers on one database.

use std::collections::HashSet;
use std::sync::Arc;

use store::{Store, StoreError};
use worker::{Progress, StepError, Worker};

use crate::support::{Service, over_both_databases};

over_both_databases!(
    a_stale_leader_writes_nothing,
    a_leader_that_was_stopped_anywhere_does_no_harm_when_it_wakes_up,
);

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

/// Rounds until there is nothing to do.
async fn work(worker: &mut Worker) -> Result<(), StepError> {
    while worker.round().await? == Progress::Moved {}
    Ok(())
}

/// Before its preflight, so that both sign for one batch and one nonce; before its send, so that
/// bytes go out late; before each reading, so that what it concludes is old.
async fn a_leader_that_was_stopped_anywhere_does_no_harm_when_it_wakes_up(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let mut leader = service.another_worker("leader");
    for calls in 0.. {
        service.clock.advance(60_000);
        work(&mut leader).await.unwrap();
        service.submit(2).await;
        service.grow_old();
        let chain = Arc::clone(&service.chain);
        chain.hold_after(calls);
        let mut working = Box::pin(work(&mut leader));
        let stopped = tokio::select! {
            biased;
            ended = &mut working => { ended.unwrap(); false }
            () = chain.held() => true,
        };
        if stopped {
            service.clock.advance(60_000);
            let mut second = service.another_worker("second");
            work(&mut second).await.unwrap();
        }
        chain.release();
        if stopped {
            match working.await {
                Ok(()) | Err(StepError::Store(StoreError::StaleLease)) => {}
                Err(error) => panic!("after {calls} calls: {error}"),
            }
        }
        service.until_final().await;
        let batches = service.accepted.len() / 2;
        let nonces: Vec<_> = (0..).map(|nonce| (nonce, 1)).take(batches).collect();
        assert_eq!(service.attempts_by_nonce().await, nonces, "after {calls} calls");
        if !stopped {
            break;
        }
    }
    let sent: HashSet<_> = service.chain.wire().into_iter().collect();
    assert_eq!(sent.len(), service.accepted.len() / 2, "the loser of a race sent nothing");
    service.assert_kept().await;
}
