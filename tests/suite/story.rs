//! Submit, seal, anchor, final: on both databases, a simulated chain and a manual clock.

use std::sync::Arc;

use chain::{At, Chain as _};
use domain::{BadgeState, Clock as _, RevocationReason};
use store::{OutboxEvent, RevocationRequest, Store};
use worker::Progress;

use crate::support::{HOUR_MS, POLICY, Service, over_both_databases};

over_both_databases!(
    a_badge_goes_through_its_states,
    batches_are_cut_by_count_age_and_deadline,
    several_batches_fly_at_once,
    erased_badges_leave_all_other_proofs_whole,
    a_revocation_reaches_the_chain,
    two_workers_share_a_database,
    nothing_to_do_sends_nothing,
);

async fn a_badge_goes_through_its_states(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(3).await;
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Accepted; 3]);
    service.grow_old();
    service.chain.set_paused(true);
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Sealed; 3]);
    service.chain.set_paused(false);
    service.block();
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Submitted; 3]);
    service.block();
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Included; 3]);
    service.block();
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Included; 3], "not before finality");
    service.until_final().await;
    service.assert_kept().await;
    let events = service.store.events(0, 10).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event, OutboxEvent::BATCH_FINAL);
}

async fn batches_are_cut_by_count_age_and_deadline(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let sizes = async |service: &Service| {
        let batches = service.store.all_batches(None, 100).await.unwrap();
        batches.iter().map(domain::Batch::len).collect::<Vec<_>>()
    };
    // count: 120 badges, batches of 50 at most; 20 wait
    service.submit(120).await;
    service.work().await.unwrap();
    assert_eq!(sizes(&service).await, [50, 50]);
    // deadline: one of the new badges was accepted by its learner 21 hours ago
    let mut late = service.submission();
    late.window_started_at = Some(service.clock.now().plus_millis(-21 * HOUR_MS));
    let accepted = service.store.accept(service.stream.id, &[late]).await.unwrap();
    service.accepted.push(accepted[0].position);
    service.work().await.unwrap();
    assert_eq!(sizes(&service).await, [50, 50, 21]);
    // age
    service.submit(1).await;
    service.work().await.unwrap();
    assert_eq!(sizes(&service).await.len(), 3);
    service.grow_old();
    service.work().await.unwrap();
    assert_eq!(sizes(&service).await, [50, 50, 21, 1]);
    service.until_final().await;
    service.assert_kept().await;
}

async fn several_batches_fly_at_once(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(400).await;
    service.work().await.unwrap();
    let nonces = service.attempts_by_nonce().await;
    let first: Vec<_> = (0..POLICY.max_live as u64).map(|nonce| (nonce, 1)).collect();
    assert_eq!(nonces, first, "as many as may be live, contiguous");
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await.len(), 8);
    service.assert_kept().await;
}

async fn erased_badges_leave_all_other_proofs_whole(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let positions = service.submit(10).await;
    let erase = async |service: &mut Service, index: usize| {
        let now = service.clock.now();
        let erased = service.store.erase(service.account, positions[index], now).await.unwrap();
        assert_eq!(erased, store::Erasure::Erased);
        service.accepted.retain(|position| *position != positions[index]);
    };
    erase(&mut service, 3).await;
    service.grow_old();
    service.until_final().await;
    erase(&mut service, 7).await;
    service.assert_kept().await;
    assert_eq!(service.inclusion(positions[0]).await.2, 10, "the leaves stay");
}

async fn a_revocation_reaches_the_chain(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let positions = service.submit(3).await;
    let request = RevocationRequest {
        account: service.account,
        position: positions[1],
        reason: RevocationReason::Unspecified,
        requested_at: service.clock.now(),
    };
    // asked for before the badge is even sealed
    service.store.request_revocation(request).await.unwrap();
    service.grow_old();
    service.until_final().await;
    service.blocks(8).await;
    let revocation = service.record(positions[1]).await.revocation.unwrap();
    assert!(revocation.final_at.is_some());
    let commitment = service.record(positions[1]).await.batch.unwrap().seal().unwrap().commitment;
    let bits = service
        .chain
        .revoked(service.stream.registry, commitment, &[0, 1, 2], At::Head)
        .await
        .unwrap();
    assert_eq!(bits, [false, true, false]);
    service.assert_kept().await;
}

async fn two_workers_share_a_database(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let mut second = service.another_worker("second");
    for _ in 0..6 {
        service.submit(60).await;
        service.grow_old();
        let (first, other) = tokio::join!(service.worker.round(), second.round());
        let progress = [first.unwrap(), other.unwrap()];
        assert!(progress.contains(&Progress::Moved));
        service.block();
    }
    service.until_final().await;
    service.assert_kept().await;
    // the first one stops for good; the second takes over once the lease has run out
    service.submit(5).await;
    service.grow_old();
    for _ in 0..12 {
        while second.round().await.unwrap() == Progress::Moved {}
        service.block();
    }
    service.assert_kept().await;
}

async fn nothing_to_do_sends_nothing(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.grow_old();
    service.blocks(5).await;
    assert!(service.chain.wire().is_empty());
    assert!(service.store.all_batches(None, 10).await.unwrap().is_empty());
    service.assert_audit_is_clean().await;
}
