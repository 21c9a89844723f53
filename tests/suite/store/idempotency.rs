//! Requests with names: what was done is kept with the name, once, and only what was done.

use std::sync::Arc;

use domain::{
    Acceptance, AccountId, IssuerId, MintRequest, Position, Revocation, RevocationReason,
    Submission,
};
use futures::future::join_all;
use proof::Hash;
use store::{
    Claim, Deed, Erasure, KeptRequest, MintAnswer, PRUNED_AT_ONCE, RequestKey, RevocationRequest,
    Store, StoreError,
};

use super::mint_world::owner;
use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    a_name_stands_for_what_was_accepted,
    a_taken_name_stores_nothing,
    a_name_is_the_accounts_own,
    a_conflict_is_not_kept,
    a_name_is_written_with_its_badge_or_not_at_all,
    a_name_ends_and_is_free_again,
    ended_names_are_deleted,
    a_mint_is_kept_with_its_name,
    a_revocation_is_kept_with_its_name,
    an_erased_badge_leaves_a_bare_name,
    of_many_requests_of_one_name_one_is_done,
    names_taken_in_any_order_end_in_no_deadlock,
);

const KEPT_MS: i64 = 1000;

fn key(account: AccountId, name: u32) -> RequestKey {
    RequestKey { account, hash: Hash::of(&[&name.to_be_bytes()]) }
}

/// A claim at 10 ms.
fn claim(world: &World, name: u32) -> Claim {
    claim_at(world, name, 10)
}

fn claim_at(world: &World, name: u32, millis: i64) -> Claim {
    Claim {
        key: key(world.account.id, name),
        fingerprint: Hash([0xf1; 32]),
        at: at(millis),
        expires_at: at(millis + KEPT_MS),
    }
}

async fn kept_at(world: &World, name: u32, millis: i64) -> Option<KeptRequest> {
    world.store.kept(key(world.account.id, name), at(millis)).await.unwrap()
}

async fn kept(world: &World, name: u32) -> Option<KeptRequest> {
    kept_at(world, name, 11).await
}

fn done(deed: Deed) -> Option<KeptRequest> {
    Some(KeptRequest::Done { fingerprint: Hash([0xf1; 32]), deed })
}

fn submitted(badge: Position, acceptance: Acceptance) -> Option<KeptRequest> {
    done(Deed::Submission { badge, acceptance })
}

async fn accept(world: &World, calls: &[(Submission, Option<Claim>)]) -> Vec<Option<Position>> {
    let (submissions, claims): (Vec<_>, Vec<_>) = calls.iter().cloned().unzip();
    let stream = world.stream.id;
    let accepted = world.store.accept_claiming(stream, &submissions, &claims).await.unwrap();
    accepted.into_iter().map(|one| one.map(|one| one.position)).collect()
}

async fn badge(world: &World) -> Position {
    world.badges(1).await[0]
}

async fn a_name_stands_for_what_was_accepted(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badge = world.submission();
    let calls = [
        (world.submission(), None),
        (badge.clone(), Some(claim(&world, 1))),
        (badge, Some(claim(&world, 2))),
        (world.submission(), None),
    ];
    let positions = accept(&world, &calls).await;
    let first = positions[0].unwrap();
    let expected = [first, first.plus(1), first.plus(1), first.plus(2)].map(Some);
    assert_eq!(positions, expected);
    assert_eq!(kept(&world, 1).await, submitted(first.plus(1), Acceptance::New));
    assert_eq!(kept(&world, 2).await, submitted(first.plus(1), Acceptance::Known));
    assert_eq!(kept(&world, 3).await, None);
}

async fn a_taken_name_stores_nothing(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let first = accept(&world, &[(world.submission(), Some(claim(&world, 1)))]).await;
    let calls = [
        (world.submission(), Some(claim(&world, 1))),
        (world.submission(), Some(claim(&world, 2))),
        (world.submission(), Some(claim(&world, 2))),
        (world.submission(), None),
    ];
    let first = first[0].unwrap();
    let positions = accept(&world, &calls).await;
    assert_eq!(positions, [None, Some(first.plus(1)), None, Some(first.plus(2))]);
    assert_eq!(world.store.counts().await.unwrap().positions, 3, "no gap is left for them");
    assert_eq!(kept(&world, 1).await, submitted(first, Acceptance::New));
}

async fn a_name_is_the_accounts_own(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let other = world.store.add_account("other", at(0)).await.unwrap().id;
    accept(&world, &[(world.submission(), Some(claim(&world, 1)))]).await;
    assert_eq!(world.store.kept(key(other, 1), at(11)).await.unwrap(), None);
    let theirs = Claim { key: key(other, 1), ..claim(&world, 1) };
    let positions = accept(&world, &[(world.submission(), Some(theirs))]).await;
    assert!(positions[0].is_some());
}

async fn a_conflict_is_not_kept(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badge = world.submission();
    let other = Submission { public_lookup: false, ..badge.clone() };
    let calls = [(badge, None), (other, Some(claim(&world, 1)))];
    let positions = accept(&world, &calls).await;
    assert_eq!(positions[0], positions[1]);
    assert_eq!(kept(&world, 1).await, None);
}

async fn a_name_is_written_with_its_badge_or_not_at_all(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let stranger = Submission { issuer: IssuerId(999), ..world.submission() };
    let (submissions, claims) = ([world.submission(), stranger], [Some(claim(&world, 1))]);
    let refused = world.store.accept_claiming(world.stream.id, &submissions, &claims).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(kept(&world, 1).await, None);
    assert_eq!(world.store.counts().await.unwrap().positions, 0);
    let positions = accept(&world, &[(submissions[0].clone(), claims[0])]).await;
    assert_eq!(kept(&world, 1).await, submitted(positions[0].unwrap(), Acceptance::New));
}

async fn a_name_ends_and_is_free_again(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let first = accept(&world, &[(world.submission(), Some(claim_at(&world, 1, 0)))]).await;
    let last = submitted(first[0].unwrap(), Acceptance::New);
    assert_eq!(kept_at(&world, 1, KEPT_MS - 1).await, last);
    assert_eq!(kept_at(&world, 1, KEPT_MS).await, None);
    let early = claim_at(&world, 1, KEPT_MS - 1);
    assert_eq!(accept(&world, &[(world.submission(), Some(early))]).await, [None]);
    let again = accept(&world, &[(world.submission(), Some(claim_at(&world, 1, KEPT_MS)))]).await;
    let again = submitted(again[0].unwrap(), Acceptance::New);
    assert_eq!(kept_at(&world, 1, KEPT_MS).await, again);
}

async fn ended_names_are_deleted(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let many = u32::try_from(PRUNED_AT_ONCE).unwrap() + 5;
    let old: Vec<_> = (0..many)
        .map(|name| (world.submission(), Some(claim_at(&world, name, i64::from(name)))))
        .collect();
    accept(&world, &old).await;
    let left = async || {
        let mut left = 0;
        for name in 0..many {
            left += u32::from(kept_at(&world, name, 0).await.is_some());
        }
        left
    };
    assert_eq!(left().await, many);
    let later = KEPT_MS + i64::from(many);
    accept(&world, &[(world.submission(), Some(claim_at(&world, 1000, later)))]).await;
    assert_eq!(left().await, 5, "the oldest go first, so many with each new name");
    assert!(kept_at(&world, many - 1, 0).await.is_some());
    accept(&world, &[(world.submission(), Some(claim_at(&world, 1001, later)))]).await;
    assert_eq!(left().await, 0);
    assert!(kept_at(&world, 1000, later).await.is_some());
}

async fn a_mint_is_kept_with_its_name(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badge = badge(&world).await;
    let account = world.account.id;
    let ask = async |number, name, requested_at| {
        let recipient = world.recipient(number);
        let request = MintRequest { badge, recipient, replaces: None, requested_at };
        let claim = claim(&world, name);
        world.store.request_mint_claiming(account, &request, Some(&claim)).await
    };
    let requested = ask(4, 1, at(7)).await.unwrap();
    let MintAnswer::Requested(token) = requested else { panic!("{requested:?}") };
    let deed = |acceptance| {
        done(Deed::Mint { badge, token: token.position, requested_at: at(7), acceptance })
    };
    assert_eq!(kept(&world, 1).await, deed(Acceptance::New));
    assert!(matches!(ask(4, 2, at(9)).await, Ok(MintAnswer::Known(_))));
    assert_eq!(kept(&world, 2).await, deed(Acceptance::Known));
    let taken = ask(5, 1, at(9)).await;
    assert!(matches!(taken, Err(StoreError::KeyTaken)), "{taken:?}");
    assert_eq!(world.token(badge).await.owner, Some(owner(4)), "nothing was written");
    // an open request that changes its owner was still asked for when it was
    assert!(matches!(ask(5, 3, at(9)).await, Ok(MintAnswer::Requested(_))));
    assert_eq!(kept(&world, 3).await, deed(Acceptance::New));
    let batch = world.cut_mint(&collection).await;
    world.seal_mint(&batch).await;
    assert!(matches!(ask(6, 4, at(9)).await, Ok(MintAnswer::OtherOwner(_))));
    assert_eq!(kept(&world, 4).await, None, "a refusal is not kept");
}

async fn a_revocation_is_kept_with_its_name(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let position = badge(&world).await;
    let request = RevocationRequest {
        account: world.account.id,
        position,
        reason: RevocationReason::Superseded,
        requested_at: at(3),
    };
    let ask = async |reason, name, requested_at| {
        let request = RevocationRequest { reason, requested_at, ..request };
        let claim = claim(&world, name);
        world.store.request_revocation_claiming(request, Some(&claim)).await
    };
    let (first, other) = (RevocationReason::Superseded, RevocationReason::Unspecified);
    let recorded = Revocation { reason: first, requested_at: at(3), final_at: None };
    assert_eq!(ask(first, 1, at(3)).await.unwrap(), recorded);
    let deed = done(Deed::Revocation { badge: position, requested_at: at(3), final_at: None });
    assert_eq!(kept(&world, 1).await, deed);
    assert_eq!(ask(first, 2, at(5)).await.unwrap(), recorded);
    assert_eq!(kept(&world, 2).await, deed);
    assert_eq!(ask(other, 3, at(5)).await.unwrap(), recorded);
    assert_eq!(kept(&world, 3).await, None, "a refusal is not kept");
    let position = badge(&world).await;
    let taken = RevocationRequest { position, ..request };
    let taken = world.store.request_revocation_claiming(taken, Some(&claim(&world, 1))).await;
    assert!(matches!(taken, Err(StoreError::KeyTaken)), "{taken:?}");
    assert_eq!(world.store.badge(position).await.unwrap().unwrap().revocation, None);
}

async fn an_erased_badge_leaves_a_bare_name(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let submission = world.submission();
    let calls = [
        (submission.clone(), Some(claim(&world, 1))),
        (world.submission(), Some(claim(&world, 2))),
    ];
    let positions = accept(&world, &calls).await;
    let (erased, other) = (positions[0].unwrap(), positions[1].unwrap());
    let request = RevocationRequest {
        account: world.account.id,
        position: erased,
        reason: RevocationReason::Superseded,
        requested_at: at(3),
    };
    world.store.request_revocation_claiming(request, Some(&claim(&world, 3))).await.unwrap();
    let done = world.store.erase(world.account.id, erased, at(12)).await.unwrap();
    assert_eq!(done, Erasure::Erased);
    for name in [1, 3] {
        assert_eq!(kept(&world, name).await, Some(KeptRequest::Erased));
    }
    assert_eq!(kept(&world, 2).await, submitted(other, Acceptance::New));
    // a repeat that comes late does not bring it back
    assert_eq!(accept(&world, &[(submission, Some(claim(&world, 1)))]).await, [None]);
    assert_eq!(world.store.counts().await.unwrap().badges, 1);
    assert_eq!(kept_at(&world, 1, 10 + KEPT_MS).await, None, "and the name ends as others do");
}

async fn of_many_requests_of_one_name_one_is_done(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let facts = world.stream.clone();
    let other =
        world.store.stream(1, facts.registry, &facts.service, 1000, at(0)).await.unwrap().id;
    let badges = world.badges(8).await;
    // two streams and revocations: no one row is locked by all
    let requests = (0..24_usize).map(|number| {
        let world = Arc::clone(&world);
        let badge = badges[number / 3];
        tokio::spawn(async move {
            let claim = claim(&world, 1);
            let stream = match number % 3 {
                0 => world.stream.id,
                1 => other,
                _ => {
                    let request = RevocationRequest {
                        account: world.account.id,
                        position: badge,
                        reason: RevocationReason::Superseded,
                        requested_at: at(3),
                    };
                    let asked = world.store.request_revocation_claiming(request, Some(&claim));
                    return match asked.await {
                        Ok(_) => true,
                        Err(StoreError::KeyTaken) => false,
                        Err(error) => panic!("{error}"),
                    };
                }
            };
            let submissions = [world.submission()];
            let accepted = world.store.accept_claiming(stream, &submissions, &[Some(claim)]).await;
            accepted.unwrap()[0].is_some()
        })
    });
    let outcomes = join_all(requests.collect::<Vec<_>>()).await;
    let done = outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap()).count();
    assert_eq!(done, 1);
    let mut revoked = 0;
    for badge in badges {
        let record = world.store.badge(badge).await.unwrap().unwrap();
        revoked += u64::from(record.revocation.is_some());
    }
    let positions = world.store.counts().await.unwrap().positions;
    assert_eq!(positions - 8 + revoked, 1, "its effect, and no other");
    assert!(kept(&world, 1).await.is_some());
}

async fn names_taken_in_any_order_end_in_no_deadlock(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let facts = world.stream.clone();
    let other =
        world.store.stream(1, facts.registry, &facts.service, 1000, at(0)).await.unwrap().id;
    let calls = (0..12_usize).map(|call| {
        let world = Arc::clone(&world);
        let stream = if call % 2 == 0 { world.stream.id } else { other };
        tokio::spawn(async move {
            let submissions: Vec<_> = (0..40).map(|_| world.submission()).collect();
            let mut claims: Vec<_> = (0..40).map(|name| Some(claim(&world, name))).collect();
            claims.rotate_left(call * 7 % 40);
            if call % 3 == 0 {
                claims.reverse();
            }
            let accepted = world.store.accept_claiming(stream, &submissions, &claims).await;
            accepted.unwrap().iter().flatten().count()
        })
    });
    let counts = join_all(calls.collect::<Vec<_>>()).await;
    let accepted: usize = counts.into_iter().map(Result::unwrap).sum();
    assert_eq!(accepted, 40, "each name once");
    assert_eq!(world.store.counts().await.unwrap().badges, 40);
}
