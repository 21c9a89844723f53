//! Accepting badges: new, known, limits, all or nothing.

use std::sync::Arc;

use domain::{Acceptance, IssuerId, Position, StreamId, Submission};
use proof::Rule;
use store::{MAX_ACCEPT, Store, StoreError};

use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    new_badges_take_gapless_positions_in_input_order,
    a_known_badge_keeps_its_first_facts,
    a_repeat_within_one_call_is_known,
    other_issuer_or_rule_is_another_badge,
    streams_count_for_themselves_but_share_badges,
    an_unknown_issuer_or_stream_stores_nothing,
    a_call_takes_at_most_its_limit,
    optional_facts_are_kept,
);

async fn new_badges_take_gapless_positions_in_input_order(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let first = Position::first_of(world.stream.id);
    let mut expected = (0..).map(|number| first.plus(number));
    for count in [1, 3, 250] {
        for position in world.badges(count).await {
            assert_eq!(Some(position), expected.next());
        }
    }
    assert_eq!(world.view().await.next, first.plus(254));
}

async fn a_known_badge_keeps_its_first_facts(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let submission = Submission {
        window_started_at: Some(at(-1000)),
        external_id: Some("수료-001".parse().unwrap()),
        public_lookup: false,
        ..world.submission()
    };
    let stored = world.accept(std::slice::from_ref(&submission)).await.remove(0);
    assert_eq!(stored.acceptance, Acceptance::New);
    assert_eq!((stored.salt, stored.accepted_at), (submission.salt, at(0)));
    assert!(stored.same_options(&submission));

    let repeat = Submission { salt: world.random(), accepted_at: at(99), ..submission.clone() };
    let other = Submission { window_started_at: None, external_id: None, ..repeat.clone() };
    for again in [repeat, other.clone()] {
        let known = world.accept(&[world.submission(), again]).await.remove(1);
        assert_eq!(known.acceptance, Acceptance::Known);
        assert_eq!(known, domain::Accepted { acceptance: Acceptance::Known, ..stored.clone() });
    }
    assert!(!stored.same_options(&other));
    assert_eq!(world.view().await.open(), 3, "a known badge takes no position");
}

async fn a_repeat_within_one_call_is_known(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let (one, two) = (world.submission(), world.submission());
    let one_again = Submission { salt: world.random(), accepted_at: at(1), ..one.clone() };
    let accepted = world.accept(&[one.clone(), one_again, two]).await;
    let places: Vec<_> = accepted.iter().map(|badge| (badge.acceptance, badge.position)).collect();
    let first = Position::first_of(world.stream.id);
    assert_eq!(
        places,
        [(Acceptance::New, first), (Acceptance::Known, first), (Acceptance::New, first.plus(1)),]
    );
    assert_eq!((accepted[1].salt, accepted[1].accepted_at), (one.salt, at(0)));
}

async fn other_issuer_or_rule_is_another_badge(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let identifier = "did:web:other.example".parse().unwrap();
    let other = world
        .store
        .add_issuer(world.account.id, &identifier, &[], domain::Control::DidAuth, at(0))
        .await
        .unwrap();
    let badge = world.submission();
    let same_digest = [
        badge.clone(),
        Submission { issuer: other.id, ..badge.clone() },
        Submission { rule: Rule::Opaque, ..badge.clone() },
    ];
    let accepted = world.accept(&same_digest).await;
    assert!(accepted.iter().all(|badge| badge.acceptance == Acceptance::New));
    let found = world.store.badges_by_digest(badge.rule, badge.digest).await.unwrap();
    let issuers: Vec<_> = found.iter().map(|badge| badge.issuer).collect();
    assert_eq!(issuers, [world.issuer.id, other.id]);
}

async fn streams_count_for_themselves_but_share_badges(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let other = world.store.stream(1, world.stream.registry, "x", 1000, at(0)).await.unwrap();
    let badge = world.submission();
    let here = world.accept(std::slice::from_ref(&badge)).await.remove(0);
    let there = world.store.accept(other.id, &[world.submission(), badge]).await.unwrap();
    assert_eq!(there[0].position, Position::first_of(other.id));
    assert_eq!((there[1].acceptance, there[1].position), (Acceptance::Known, here.position));
}

async fn an_unknown_issuer_or_stream_stores_nothing(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let stranger = Submission { issuer: IssuerId(999), ..world.submission() };
    let refused = world.store.accept(world.stream.id, &[world.submission(), stranger]).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    let refused = world.store.accept(StreamId(999), &[world.submission()]).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(world.store.counts().await.unwrap(), store::StoredCounts::default());
    assert_eq!(world.view().await.open(), 0);
}

async fn a_call_takes_at_most_its_limit(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let mut many: Vec<_> = (0..=MAX_ACCEPT).map(|_| world.submission()).collect();
    let refused = world.store.accept(world.stream.id, &many).await;
    assert!(matches!(refused, Err(StoreError::Limit(_))), "{refused:?}");
    many.pop();
    assert_eq!(world.accept(&many).await.len(), MAX_ACCEPT);
    assert_eq!(world.store.counts().await.unwrap().badges, MAX_ACCEPT as u64);
}

async fn optional_facts_are_kept(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let submission = Submission {
        window_started_at: Some(at(-5)),
        external_id: Some("a".parse().unwrap()),
        public_lookup: true,
        ..world.submission()
    };
    let accepted = world.accept(&[submission.clone(), world.submission()]).await;
    let stored = world.store.badge(accepted[0].position).await.unwrap().unwrap();
    assert_eq!(stored.window_started_at, submission.window_started_at);
    assert_eq!(stored.external_id, submission.external_id);
    assert_eq!(stored.stream, world.stream);
    assert_eq!((stored.account, &stored.identifier), (world.account.id, &world.issuer.identifier));
    assert_eq!(stored.deadline_at(), at(-5 + super::world::PROMISE_MS));
    let plain = world.store.badge(accepted[1].position).await.unwrap().unwrap();
    assert_eq!((plain.window_started_at, plain.external_id), (None, None));
}
