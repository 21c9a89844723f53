//! The promise as a whole.

use std::sync::Arc;

use domain::{PromiseStatus, Submission};
use store::Store;

use super::world::{HOUR_MS, PROMISE_MS, World, at, confirmed};
use crate::support::over_both_databases;

over_both_databases!(nothing_is_open_at_first, open_until_final, overdue_counts_by_batch);

async fn nothing_is_open_at_first(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let status = world.store.promise_status(at(0)).await.unwrap();
    assert_eq!(status, PromiseStatus::default());
}

async fn open_until_final(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let status = || world.store.promise_status(at(60));
    let early = Submission {
        accepted_at: at(50),
        window_started_at: Some(at(-HOUR_MS)),
        ..world.submission()
    };
    world.accept(&[Submission { accepted_at: at(40), ..world.submission() }, early]).await;
    let open = PromiseStatus {
        open: 2,
        overdue: 0,
        late: 0,
        oldest_open_at: Some(at(40)),
        next_deadline_at: Some(at(PROMISE_MS - HOUR_MS)),
    };
    assert_eq!(status().await.unwrap(), open);

    let batch = world.cut().await;
    let cut = PromiseStatus { oldest_open_at: Some(batch.cut_at), ..open };
    assert_eq!(status().await.unwrap(), cut);
    let batch = world.seal(&batch).await;
    assert_eq!(status().await.unwrap(), cut);
    let transaction = world.fly(&lease, &batch).await;
    world.badges(1).await;
    let status_then = status().await.unwrap();
    assert_eq!((status_then.open, status_then.oldest_open_at), (3, Some(at(0))));
    world.conclude(&lease, transaction, confirmed(9)).await.unwrap();
    let last = PromiseStatus {
        open: 1,
        overdue: 0,
        late: 0,
        oldest_open_at: Some(at(0)),
        next_deadline_at: Some(at(PROMISE_MS)),
    };
    assert_eq!(status().await.unwrap(), last);
}

async fn overdue_counts_by_batch(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let early = Submission { window_started_at: Some(at(-HOUR_MS)), ..world.submission() };
    world.accept(&[world.submission(), early]).await;
    let batch = world.cut().await;
    world.seal(&batch).await;
    world.badges(1).await;
    let overdue = |millis| {
        let status = world.store.promise_status(at(PROMISE_MS + millis));
        async { status.await.unwrap().overdue }
    };
    assert_eq!(overdue(-HOUR_MS - 1).await, 0);
    assert_eq!(overdue(-HOUR_MS + 1).await, 2, "an upper bound: the whole batch");
    assert_eq!(overdue(1).await, 3);
}
