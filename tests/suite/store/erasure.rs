//! Erasure: the row goes, position and leaf stay.

use std::sync::Arc;

use domain::{Acceptance, AccountId, Position};
use proof::vacated_leaf;
use store::{Erasure, RevocationRequest, Store, StoreError, StoredCounts};

use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    an_open_badge_leaves_a_vacated_position,
    a_badge_being_sealed_must_wait,
    a_sealed_badge_leaves_its_leaf,
    only_the_owner_erases_and_only_once,
    an_erased_badge_may_come_again,
    a_range_of_vacated_positions_is_sealed,
    the_erasure_list_is_kept_by_position,
);

async fn erase(world: &World, position: Position) -> Erasure {
    world.store.erase(world.account.id, position, at(3)).await.unwrap()
}

async fn an_open_badge_leaves_a_vacated_position(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(3).await;
    assert_eq!(erase(&world, badges[1]).await, Erasure::Erased);
    assert_eq!(world.store.badge(badges[1]).await.unwrap(), None);
    assert_eq!(world.view().await.open(), 3, "the position stays");

    let batch = world.cut().await;
    let entries = world.store.entries(batch.first, batch.end, 10).await.unwrap();
    let occupied: Vec<_> = entries.iter().map(|entry| entry.position).collect();
    assert_eq!(occupied, [badges[0], badges[2]]);
    let sealed = world.seal(&batch).await;
    let id = proof::TileId { level: 0, index: 0 };
    let tile = world.store.tile(sealed.id, id).await.unwrap().unwrap();
    assert_eq!(tile.hashes[1], vacated_leaf(badges[1].as_u64()));
}

async fn a_badge_being_sealed_must_wait(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(2).await;
    let batch = world.cut().await;
    let before = world.store.entries(batch.first, batch.end, 10).await.unwrap();
    assert_eq!(erase(&world, badges[0]).await, Erasure::BeingSealed);
    assert_eq!(world.store.entries(batch.first, batch.end, 10).await.unwrap(), before);
    assert_eq!(world.store.erased(batch.first, batch.end).await.unwrap(), []);
    world.seal(&batch).await;
    assert_eq!(erase(&world, badges[0]).await, Erasure::Erased);
}

async fn a_sealed_badge_leaves_its_leaf(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(3).await;
    let batch = world.cut().await;
    let batch = world.seal(&batch).await;
    let others = [badges[0], badges[2]];
    let mut before = Vec::new();
    for position in others {
        before.push(world.store.badge(position).await.unwrap().unwrap());
    }
    let tiles = world.store.tiles(batch.id, None, 10).await.unwrap();
    let gone = world.store.badge(badges[1]).await.unwrap().unwrap();

    assert_eq!(erase(&world, badges[1]).await, Erasure::Erased);
    let found = world.store.badges_by_digest(gone.rule, gone.digest).await.unwrap();
    assert_eq!(found, []);
    assert_eq!(world.store.tiles(batch.id, None, 10).await.unwrap(), tiles);
    assert_eq!(world.batch(batch.id).await, batch);
    for (position, before) in others.into_iter().zip(before) {
        assert_eq!(world.store.badge(position).await.unwrap(), Some(before));
    }
}

async fn only_the_owner_erases_and_only_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badge = world.badges(1).await[0];
    let stranger = world.store.add_account("other", at(0)).await.unwrap().id;
    for (account, position) in [
        (stranger, badge),
        (AccountId(999), badge),
        (world.account.id, badge.plus(1)),
        (world.account.id, Position::from_i64(3).unwrap()),
    ] {
        let refused = world.store.erase(account, position, at(3)).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    assert!(world.store.badge(badge).await.unwrap().is_some());
    assert_eq!(erase(&world, badge).await, Erasure::Erased);
    let again = world.store.erase(world.account.id, badge, at(4)).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
}

async fn an_erased_badge_may_come_again(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badge = world.submission();
    let first = world.accept(std::slice::from_ref(&badge)).await.remove(0);
    let request = RevocationRequest {
        account: world.account.id,
        position: first.position,
        reason: domain::RevocationReason::Superseded,
        requested_at: at(1),
    };
    world.store.request_revocation(request).await.unwrap();
    erase(&world, first.position).await;
    let second = world.accept(&[badge]).await.remove(0);
    assert_eq!(second.acceptance, Acceptance::New);
    assert_eq!(second.position, first.position.plus(1), "no position is given out twice");
    let stored = world.store.badge(second.position).await.unwrap().unwrap();
    assert_eq!(stored.revocation, None);
}

async fn a_range_of_vacated_positions_is_sealed(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    for badge in world.badges(2).await {
        erase(&world, badge).await;
    }
    assert_eq!(world.view().await.open(), 2);
    let batch = world.cut().await;
    assert_eq!(world.store.entries(batch.first, batch.end, 10).await.unwrap(), []);
    assert_eq!(world.seal(&batch).await.len(), 2);
}

async fn the_erasure_list_is_kept_by_position(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(5).await;
    for index in [3, 0, 4] {
        erase(&world, badges[index]).await;
    }
    let erased = |from, end| world.store.erased(badges[0].plus(from), badges[0].plus(end));
    assert_eq!(erased(0, 5).await.unwrap(), [badges[0], badges[3], badges[4]]);
    assert_eq!(erased(1, 4).await.unwrap(), [badges[3]]);
    let counts = world.store.counts().await.unwrap();
    assert_eq!(counts, StoredCounts { badges: 2, positions: 5, erased: 3, tokens: 0 });
}
