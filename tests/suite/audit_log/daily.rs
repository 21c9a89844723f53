//! When heads are made, and that they are made once.

use std::sync::Arc;

use domain::BadgeState;
use store::{HeadRecord, Store};
use worker::Progress;

use super::world::Logging;
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    a_row_waits_a_day_at_most_and_heads_are_a_day_apart,
    an_idle_service_anchors_no_heads_for_ever,
    after_days_off_one_head_covers_all,
    two_processes_make_one_head,
    a_crash_between_places_and_head_leaves_nothing_out,
    a_log_that_is_not_sealed_is_found,
    heads_share_the_transaction_of_badges,
);

const DAY_MS: i64 = 24 * HOUR_MS;

async fn heads(world: &Logging) -> Vec<HeadRecord> {
    world.service.store.heads(0, 100).await.unwrap()
}

/// Rounds until nothing is due; how many heads came of it.
async fn made(world: &mut Logging) -> usize {
    let before = heads(world).await.len();
    while world.sealer.round().await.unwrap() == Progress::Moved {}
    let after = heads(world).await;
    world.service.accepted.extend(after[before..].iter().map(|made| made.position));
    after.len() - before
}

async fn a_row_waits_a_day_at_most_and_heads_are_a_day_apart(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    assert_eq!(made(&mut world).await, 0);
    world.service.clock.advance(DAY_MS - 1);
    world.act().await;
    assert_eq!(made(&mut world).await, 0);
    world.service.clock.advance(1);
    assert_eq!(made(&mut world).await, 1);
    world.act().await;
    for _ in 0..23 {
        world.service.clock.advance(HOUR_MS);
        assert_eq!(made(&mut world).await, 0);
    }
    world.service.clock.advance(HOUR_MS);
    assert_eq!(made(&mut world).await, 1);
    let heads = heads(&world).await;
    assert_eq!(heads[1].head.made_at.since(heads[0].head.made_at), DAY_MS);
    assert_eq!(heads[1].head.previous, Some(heads[0].head.digest()));
}

/// The rows that tell of a head's own anchor make no further head due; any other does.
async fn an_idle_service_anchors_no_heads_for_ever(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    world.service.clock.advance(DAY_MS);
    assert_eq!(made(&mut world).await, 1);
    world.until_final().await;
    let waiting = world.service.store.waiting_log(heads(&world).await[0].head.size, None);
    assert!(waiting.await.unwrap().rows > 0, "the anchor of the head is a row");
    let transactions = world.service.chain.transactions().len();
    for _ in 0..5 {
        world.service.clock.advance(DAY_MS);
        assert_eq!(made(&mut world).await, 0);
        world.service.work().await.unwrap();
        world.service.block();
        world.service.assert_audit_is_clean().await;
    }
    assert_eq!(world.service.chain.transactions().len(), transactions);
    world.act().await;
    world.service.clock.advance(DAY_MS);
    assert_eq!(made(&mut world).await, 1);
    world.until_final().await;
    world.service.assert_kept().await;
}

async fn after_days_off_one_head_covers_all(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    for _ in 0..5 {
        world.service.clock.advance(DAY_MS);
        world.act().await;
    }
    world.sealer = world.another_sealer();
    assert_eq!(made(&mut world).await, 1);
    let rest = world.service.store.waiting_log(heads(&world).await[0].head.size, None);
    assert_eq!(rest.await.unwrap().rows, 0);
    world.until_final().await;
    world.service.assert_kept().await;
}

async fn two_processes_make_one_head(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    world.service.clock.advance(DAY_MS);
    let (one, other) = (world.another_sealer(), world.another_sealer());
    let (one, other) = tokio::join!(one.round(), other.round());
    let made_by_one = [one.unwrap(), other.unwrap()];
    assert!(made_by_one.contains(&Progress::Moved));
    let heads = heads(&world).await;
    assert_eq!(heads.len(), 1);
    world.service.accepted.push(heads[0].position);
    world.until_final().await;
    world.service.assert_kept().await;
}

async fn a_crash_between_places_and_head_leaves_nothing_out(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    world.act().await;
    world.service.clock.advance(DAY_MS);
    // the process dies after the first transaction of the round
    let placed = world.service.store.place_log(2).await.unwrap();
    assert_eq!(placed, 2);
    world.act().await;
    world.sealer = world.another_sealer();
    assert_eq!(made(&mut world).await, 1);
    let size = heads(&world).await[0].head.size;
    assert_eq!(world.service.store.placed_log(0, 1000).await.unwrap().len() as u64, size);
    assert_eq!(world.service.store.unplaced_log(0, 1).await.unwrap(), []);
    world.until_final().await;
    world.service.assert_kept().await;
}

async fn a_log_that_is_not_sealed_is_found(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    world.service.clock.advance(2 * DAY_MS);
    let audit = world.service.audit().await;
    assert!(audit.is_clean() && audit.log_rows_waiting > 0);
    let note = audit.notes.iter().any(|it| it.to_string().ends_with("rows are not yet anchored"));
    assert!(note, "{:?}", audit.notes);
    world.service.clock.advance(1);
    let found = world.service.audit().await.findings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].to_string().contains("rows wait for a head since"), "{found:?}");
    assert_eq!(made(&mut world).await, 1);
    world.service.assert_audit_is_clean().await;
}

/// A head is sealed with the badges that wait, so it costs no transaction where any are anchored.
async fn heads_share_the_transaction_of_badges(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    world.service.clock.advance(DAY_MS);
    let badge = world.service.submit(1).await[0];
    assert_eq!(made(&mut world).await, 1);
    world.until_final().await;
    let position = heads(&world).await[0].position;
    let (entry, badge) = (world.service.record(position).await, world.service.record(badge).await);
    assert_eq!(entry.state(), BadgeState::Final);
    assert_eq!(entry.batch.unwrap().id, badge.batch.unwrap().id);
    assert_eq!(world.service.chain.transactions().len(), 1);
}
