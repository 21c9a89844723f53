//! A platform's list of its badges: filters and cursor.

use std::sync::Arc;

use domain::{BadgeState, Control, Position, Submission};
use store::{BadgeFilter, Store};

use super::world::{World, at, confirmed, inclusion, observed};
use crate::support::over_both_databases;

over_both_databases!(
    pages_follow_the_cursor,
    an_account_sees_its_own,
    filters_hold_together,
    states_are_told_apart,
    revoked_badges_say_so,
);

async fn list(world: &World, filter: &BadgeFilter) -> Vec<Position> {
    let found = world.store.badges(world.account.id, filter, None, 100).await.unwrap();
    found.iter().map(|badge| badge.position).collect()
}

async fn pages_follow_the_cursor(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(7).await;
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let filter = BadgeFilter::default();
        let page = world.store.badges(world.account.id, &filter, after, 3).await.unwrap();
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some(last.position);
        seen.extend(page.iter().map(|badge| badge.position));
    }
    assert_eq!(seen, badges);
}

async fn an_account_sees_its_own(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let other = world.store.add_account("other", at(0)).await.unwrap();
    let identifier = "did:web:other.example".parse().unwrap();
    let theirs =
        world.store.add_issuer(other.id, &identifier, &[], Control::Manual, at(0)).await.unwrap();
    let badge = Submission { issuer: theirs.id, ..world.submission() };
    let ours = world.badges(2).await;
    let position = world.accept(&[badge]).await[0].position;
    assert_eq!(list(&world, &BadgeFilter::default()).await, ours);
    let filter = BadgeFilter { issuers: vec![theirs.id], ..BadgeFilter::default() };
    assert_eq!(list(&world, &filter).await, []);
    let found = world.store.badges(other.id, &filter, None, 100).await.unwrap();
    assert_eq!(found.iter().map(|badge| badge.position).collect::<Vec<_>>(), [position]);
}

async fn filters_hold_together(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let identifier = "did:web:second.example".parse().unwrap();
    let second = world
        .store
        .add_issuer(world.account.id, &identifier, &[], Control::Manual, at(0))
        .await
        .unwrap();
    let named = |name: &str, millis| Submission {
        external_id: Some(name.parse().unwrap()),
        accepted_at: at(millis),
        ..world.submission()
    };
    let of_second = |badge| Submission { issuer: second.id, ..badge };
    let submissions =
        [named("a", 10), named("b", 20), of_second(named("a", 30)), of_second(world.submission())];
    let places: Vec<_> =
        world.accept(&submissions).await.iter().map(|badge| badge.position).collect();
    let external_id = || Some("a".parse().unwrap());
    let any = BadgeFilter::default;
    let (first_id, second_id) = (world.issuer.id, second.id);
    let cases = [
        (any(), vec![0, 1, 2, 3]),
        (BadgeFilter { issuers: vec![second_id], ..any() }, vec![2, 3]),
        (BadgeFilter { issuers: vec![first_id, second_id], ..any() }, vec![0, 1, 2, 3]),
        (BadgeFilter { external_id: external_id(), ..any() }, vec![0, 2]),
        (BadgeFilter { received_after: Some(at(20)), ..any() }, vec![1, 2]),
        (
            BadgeFilter {
                issuers: vec![first_id],
                external_id: external_id(),
                received_after: Some(at(11)),
                ..any()
            },
            vec![],
        ),
        (BadgeFilter { issuers: vec![second_id], external_id: external_id(), ..any() }, vec![2]),
    ];
    for (filter, expected) in cases {
        let expected: Vec<_> = expected.into_iter().map(|index: usize| places[index]).collect();
        assert_eq!(list(&world, &filter).await, expected, "{filter:?}");
    }
}

async fn states_are_told_apart(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let done = world.finished(&lease, 1).await;
    let included = world.sealed(1).await;
    let transaction = world.fly(&lease, &included).await;
    let seen = observed(9, domain::Effect::Present { inclusion: inclusion(9) });
    world.store.observe(&lease, transaction, &seen).await.unwrap();
    let submitted = world.sealed(1).await;
    world.fly(&lease, &submitted).await;
    let blocked = world.sealed(1).await;
    let reason = domain::BlockedReason::Funds;
    world.store.block(&lease, blocked.id, reason, at(4)).await.unwrap();
    let sealed = world.sealed(1).await;
    world.badges(1).await;
    let cut = world.cut().await;
    let accepted = world.badges(1).await;

    let expected = [
        (BadgeState::Accepted, accepted),
        (BadgeState::Sealed, vec![blocked.first, sealed.first, cut.first]),
        (BadgeState::Submitted, vec![submitted.first]),
        (BadgeState::Included, vec![included.first]),
        (BadgeState::Final, vec![done.first]),
    ];
    for (state, positions) in expected {
        let filter = BadgeFilter { state: Some(state), ..BadgeFilter::default() };
        assert_eq!(list(&world, &filter).await, positions, "{state:?}");
        for position in positions {
            let badge = world.store.badge(position).await.unwrap().unwrap();
            assert_eq!(badge.state(), state);
        }
    }
    // a reorganisation, then the block again and finality
    let gone = observed(12, domain::Effect::Pending);
    world.store.observe(&lease, transaction, &gone).await.unwrap();
    let state = || async { world.store.badge(included.first).await.unwrap().unwrap().state() };
    assert_eq!(state().await, BadgeState::Submitted);
    world.conclude(&lease, transaction, confirmed(13)).await.unwrap();
    assert_eq!(state().await, BadgeState::Final);
}

async fn revoked_badges_say_so(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(2).await;
    let request = store::RevocationRequest {
        account: world.account.id,
        position: badges[1],
        reason: domain::RevocationReason::PrivilegeWithdrawn,
        requested_at: at(7),
    };
    let revocation = world.store.request_revocation(request).await.unwrap();
    let found =
        world.store.badges(world.account.id, &BadgeFilter::default(), None, 10).await.unwrap();
    let revocations: Vec<_> = found.iter().map(|badge| badge.revocation).collect();
    assert_eq!(revocations, [None, Some(revocation)]);
}
