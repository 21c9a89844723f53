//! Revocation: asked for once, carried by one transaction, done at a final block.

use std::sync::Arc;

use domain::{Position, Purpose, Revocation, RevocationReason, TransactionState};
use store::{RevocationItem, RevocationJob, RevocationRequest, Store, StoreError};

use super::world::{HOUR_MS, PROMISE_MS, REGISTRY, REVERTED, World, at, confirmed};
use crate::support::over_both_databases;

over_both_databases!(
    a_request_is_recorded_once,
    only_the_owner_asks,
    a_job_appears_when_the_batch_is_final,
    a_reason_is_a_job_of_its_own,
    a_carried_revocation_is_no_job_until_its_nonce_burns,
    a_confirmed_revocation_is_done,
    a_job_is_bounded,
);

fn request(world: &World, position: Position, millis: i64) -> RevocationRequest {
    RevocationRequest {
        account: world.account.id,
        position,
        reason: RevocationReason::Unspecified,
        requested_at: at(millis),
    }
}

async fn ask(world: &World, position: Position, millis: i64) -> Revocation {
    world.store.request_revocation(request(world, position, millis)).await.unwrap()
}

async fn jobs(world: &World) -> Vec<RevocationJob> {
    world.signer_view().await.revocations
}

async fn a_request_is_recorded_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badge = world.badges(1).await[0];
    let first = ask(&world, badge, 10).await;
    let expected =
        Revocation { reason: RevocationReason::Unspecified, requested_at: at(10), final_at: None };
    assert_eq!(first, expected);
    let repeat = RevocationRequest {
        reason: RevocationReason::PrivilegeWithdrawn,
        ..request(&world, badge, 20)
    };
    assert_eq!(world.store.request_revocation(repeat).await.unwrap(), expected);
    let stored = world.store.badge(badge).await.unwrap().unwrap();
    assert_eq!(stored.revocation, Some(expected));
}

async fn only_the_owner_asks(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badge = world.badges(1).await[0];
    let stranger = world.store.add_account("other", at(0)).await.unwrap().id;
    for wrong in [
        RevocationRequest { account: stranger, ..request(&world, badge, 0) },
        request(&world, badge.plus(1), 0),
    ] {
        let refused = world.store.request_revocation(wrong).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    assert_eq!(world.store.badge(badge).await.unwrap().unwrap().revocation, None);
}

async fn a_job_appears_when_the_batch_is_final(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(4).await;
    ask(&world, batch.first.plus(2), 20).await;
    assert_eq!(jobs(&world).await, []);
    let anchor = world.fly(&lease, &batch).await;
    assert_eq!(jobs(&world).await, []);
    world.conclude(&lease, anchor, confirmed(9)).await.unwrap();
    ask(&world, batch.first, 30).await;
    let item = |index: u32| RevocationItem {
        position: batch.first.plus(index.into()),
        index,
        reason: RevocationReason::Unspecified,
    };
    let job = RevocationJob {
        batch: batch.id,
        commitment: batch.seal().unwrap().commitment,
        registry: REGISTRY,
        items: vec![item(0), item(2)],
        requested_at: at(20),
    };
    assert_eq!(jobs(&world).await, [job]);
}

async fn a_reason_is_a_job_of_its_own(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.finished(&lease, 3).await;
    ask(&world, batch.first, 1).await;
    let other = RevocationRequest {
        reason: RevocationReason::KeyCompromise,
        ..request(&world, batch.first.plus(1), 2)
    };
    world.store.request_revocation(other).await.unwrap();
    let jobs = jobs(&world).await;
    assert!(!jobs.is_empty());
    for job in &jobs {
        assert!(job.items.iter().all(|item| item.reason == job.items[0].reason), "{job:?}");
    }
}

async fn a_carried_revocation_is_no_job_until_its_nonce_burns(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.finished(&lease, 3).await;
    let (first, second) = (batch.first, batch.first.plus(2));
    ask(&world, first, HOUR_MS).await;
    ask(&world, second, 2 * HOUR_MS).await;
    let waiting = jobs(&world).await;

    let carried = world.revoke(0, batch.id, &[first, second]);
    let transaction = world.prepare(&lease, carried.clone()).await.unwrap();
    let view = world.signer_view().await;
    assert_eq!(view.revocations, []);
    assert_eq!(view.live.len(), 1);
    let live = &view.live[0];
    assert_eq!((live.id, live.purpose), (transaction, Purpose::Revoke { batch: batch.id }));
    assert_eq!((live.commitment, live.registry), (waiting[0].commitment, REGISTRY));
    assert_eq!(live.revoked_indexes, [0, 2]);
    assert_eq!(live.deadline_at, at(HOUR_MS + PROMISE_MS));
    assert_eq!(live.attempts, [carried.attempt]);

    let second_live = world.prepare(&lease, world.revoke(0, batch.id, &[first])).await;
    assert!(matches!(second_live, Err(StoreError::Conflict(_))), "{second_live:?}");

    world.conclude(&lease, transaction, REVERTED).await.unwrap();
    assert_eq!(jobs(&world).await, waiting, "it waits again");
    let stored = world.store.badge(first).await.unwrap().unwrap();
    assert_eq!(stored.revocation.unwrap().final_at, None);
}

async fn a_confirmed_revocation_is_done(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.finished(&lease, 3).await;
    ask(&world, batch.first, 10).await;
    let transaction =
        world.prepare(&lease, world.revoke(0, batch.id, &[batch.first])).await.unwrap();
    // asked for while the transaction is on its way: the next one carries it
    ask(&world, batch.first.plus(1), 20).await;
    assert_eq!(jobs(&world).await, []);
    world.conclude(&lease, transaction, confirmed(20)).await.unwrap();

    let stored = world.store.badge(batch.first).await.unwrap().unwrap();
    assert!(stored.revocation.unwrap().final_at.is_some());
    let remaining = jobs(&world).await;
    let indexes: Vec<_> = remaining[0].items.iter().map(|item| item.index).collect();
    assert_eq!((remaining.len(), indexes), (1, vec![1]));
    assert_eq!(world.batch(batch.id).await, batch, "the batch's own inclusion stays");
    assert_eq!(world.store.events(0, 10).await.unwrap().len(), 1, "only the anchor's");
    let transactions = world.store.transactions(world.signer.id, 0, 10).await.unwrap();
    assert!(transactions.iter().all(|one| one.state == TransactionState::Confirmed));
}

async fn a_job_is_bounded(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.finished(&lease, 70).await;
    for index in 0..70 {
        ask(&world, batch.first.plus(index), 1).await;
    }
    let jobs = jobs(&world).await;
    assert_eq!(jobs[0].items.len(), 64);
    let positions: Vec<_> = jobs[0].items.iter().map(|item| item.position).collect();
    world.prepare(&lease, world.revoke(0, batch.id, &positions)).await.unwrap();
    assert_eq!(world.signer_view().await.live[0].revoked_indexes.len(), 64);
}
