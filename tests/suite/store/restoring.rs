//! Nonces and positions that were used elsewhere.

use std::sync::Arc;

use domain::{BatchState, Position};
use store::{Erasure, OpenRequests, SKIPPED_POSITIONS, Store, StoreError};

use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    adopted_nonces_are_never_taken,
    skipped_positions_are_never_given_out,
    a_badge_is_erased_again_by_position_alone,
);

async fn adopted_nonces_are_never_taken(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let next = world.signer_view().await.next_nonce;
    let adopt = async |end| world.store.adopt_nonces(world.signer.id, end, at(1)).await.unwrap();
    assert_eq!(adopt(next).await, None, "nothing is missing");
    assert_eq!(adopt(next + 3).await, Some(next..next + 3));
    assert_eq!(adopt(next + 3).await, None, "a repeat is harmless");
    assert_eq!(world.signer_view().await.next_nonce, next + 3);
    let lease = world.lease().await;
    let batch = world.sealed(1).await;
    let early = world.store.prepare(&lease, &world.anchor(next, batch.id)).await;
    assert!(matches!(early, Err(StoreError::Conflict(_))), "{early:?}");
    world.fly(&lease, &batch).await;
    assert_eq!(world.signer_view().await.next_nonce, next + 4);
    assert_eq!(adopt(next + 6).await, Some(next + 4..next + 6));
    let gaps = world.store.nonce_gaps(world.signer.id).await.unwrap();
    assert_eq!(gaps, [next..next + 3, next + 4..next + 6]);
}

async fn skipped_positions_are_never_given_out(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let before = world.badges(3).await;
    let stream = world.stream.id;
    let skip =
        async || world.store.skip_positions(stream, OpenRequests::Keep, at(2)).await.unwrap();
    let skipped = skip().await;
    let next = before[2].plus(1);
    assert_eq!(skipped, next..next.plus(SKIPPED_POSITIONS));
    let view = world.view().await;
    assert_eq!(
        (view.open(), view.open_since, view.cut.len()),
        (0, None, 1),
        "what was open is cut"
    );
    assert_eq!(world.seal(&view.cut[0]).await.len(), 3);
    assert_eq!(world.badges(2).await, [skipped.end, skipped.end.plus(1)]);
    // nothing is open but these two: they are cut, and the range after them is left out
    assert_eq!(skip().await.start, skipped.end.plus(2));
    let batches = world.store.all_batches(None, 100).await.unwrap();
    let vacated = batches.iter().filter(|batch| batch.state == BatchState::Vacated).count();
    assert_eq!((batches.len(), vacated), (4, 2));
    assert_eq!(world.store.counts().await.unwrap().positions, 5, "left out is not given out");
    let promise = world.store.standing(world.stream.chain_id, at(3)).await.unwrap();
    assert_eq!(promise.open, 5, "nobody was promised what is left out");
}

async fn a_badge_is_erased_again_by_position_alone(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(3).await;
    let unknown = Position::first_of(world.stream.id).plus(99);
    let asked = [badges[2], unknown, badges[0]];
    let mut present = world.store.present(&asked).await.unwrap();
    present.sort_unstable();
    assert_eq!(present, [badges[0], badges[2]]);
    assert_eq!(world.store.erase_again(badges[0], at(4)).await.unwrap(), Erasure::Erased);
    assert_eq!(world.store.present(&asked).await.unwrap(), [badges[2]]);
    for gone in [badges[0], unknown] {
        let refused = world.store.erase_again(gone, at(5)).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    world.cut().await;
    let waits = world.store.erase_again(badges[1], at(6)).await.unwrap();
    assert_eq!(waits, Erasure::BeingSealed);
}
