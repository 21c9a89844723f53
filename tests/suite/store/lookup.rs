//! Reading badges and batches.

use std::sync::Arc;

use domain::{BadgeRecord, BatchId, IdTag, Position, StreamId, Submission};
use proof::Rule;
use store::Store;

use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    a_badge_is_found_by_position_and_digest,
    unknown_badges_are_none,
    badges_are_found_by_the_tag_of_their_id,
    a_badge_finds_its_batch_among_many,
    batches_are_listed_once_sealed,
);

async fn a_badge_is_found_by_position_and_digest(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let submission = world.submission();
    let accepted = world.accept(std::slice::from_ref(&submission)).await.remove(0);
    let expected = BadgeRecord {
        position: accepted.position,
        stream: world.stream.clone(),
        account: world.account.id,
        issuer: world.issuer.id,
        identifier: world.issuer.identifier.clone(),
        rule: submission.rule,
        digest: submission.digest,
        salt: submission.salt,
        accepted_at: submission.accepted_at,
        window_started_at: None,
        external_id: None,
        public_lookup: true,
        recipient: None,
        batch: None,
        revocation: None,
    };
    assert_eq!(world.store.badge(accepted.position).await.unwrap(), Some(expected.clone()));
    let found = world.store.badges_by_digest(submission.rule, submission.digest).await.unwrap();
    assert_eq!(found, [expected]);
}

async fn unknown_badges_are_none(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badge = world.submission();
    world.accept(std::slice::from_ref(&badge)).await;
    let beyond = world.view().await.next;
    for position in [beyond, Position::first_of(StreamId(77)), Position::from_i64(0).unwrap()] {
        assert_eq!(world.store.badge(position).await.unwrap(), None);
    }
    let found = world.store.badges_by_digest(Rule::Opaque, badge.digest).await.unwrap();
    assert_eq!(found, []);
    let found = world.store.badges_by_digest(badge.rule, world.random()).await.unwrap();
    assert_eq!(found, []);
}

async fn badges_are_found_by_the_tag_of_their_id(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let tagged = |byte| Submission { id_tag: Some(IdTag([byte; 16])), ..world.submission() };
    let badges = [tagged(1), tagged(2), world.submission(), tagged(1)];
    let accepted = world.accept(&badges).await;
    let found = async |byte| {
        let records = world.store.badges_by_id_tag(IdTag([byte; 16])).await.unwrap();
        records.iter().map(|record| record.position).collect::<Vec<_>>()
    };
    assert_eq!(found(1).await, [accepted[0].position, accepted[3].position]);
    assert_eq!(found(2).await, [accepted[1].position]);
    assert_eq!(found(3).await, []);
    // a repeat changes nothing, whatever was read of it
    let repeat = Submission { id_tag: Some(IdTag([3; 16])), ..badges[2].clone() };
    assert!(world.accept(std::slice::from_ref(&repeat)).await[0].same_options(&repeat));
    assert_eq!(found(3).await, []);
    world.store.erase(world.account.id, accepted[0].position, at(1)).await.unwrap();
    assert_eq!(found(1).await, [accepted[3].position]);
}

async fn a_badge_finds_its_batch_among_many(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let mut batches = Vec::new();
    for count in [1, 3, 2] {
        batches.push(world.sealed(count).await);
    }
    let open = world.badges(2).await;
    for batch in &batches {
        for index in 0..batch.len() {
            let badge = world.store.badge(batch.first.plus(index)).await.unwrap().unwrap();
            assert_eq!(badge.batch.as_ref(), Some(batch));
        }
    }
    for position in open {
        assert_eq!(world.store.badge(position).await.unwrap().unwrap().batch, None);
    }
    let entries = world.store.entries(batches[0].first, batches[2].end, 100).await.unwrap();
    assert_eq!(entries.len(), 6);
}

async fn batches_are_listed_once_sealed(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    assert_eq!(world.store.batches(None, 10).await.unwrap(), []);
    assert_eq!(world.store.all_batches(None, 10).await.unwrap(), []);
    let sealed = [world.sealed(1).await, world.sealed(2).await, world.sealed(1).await];
    world.badges(1).await;
    let cut = world.cut().await;

    assert_eq!(world.store.batches(None, 10).await.unwrap(), sealed);
    assert_eq!(world.store.batches(None, 2).await.unwrap(), sealed[..2]);
    assert_eq!(world.store.batches(Some(sealed[0].id), 10).await.unwrap(), sealed[1..]);
    assert_eq!(world.store.batches(Some(BatchId(i64::MAX)), 10).await.unwrap(), []);

    let all = world.store.all_batches(None, 10).await.unwrap();
    assert_eq!((all[..3].to_vec(), &all[3]), (sealed.to_vec(), &cut));
    assert_eq!(world.store.all_batches(Some(sealed[2].id), 10).await.unwrap(), [cut]);
    assert_eq!(sealed[0].cut_at, at(1));
}
