//! Requests to mint: with intake, and later; each answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{
    Acceptance, Level, MintRequest, MintState, Position, PublicMetadata, RevocationReason,
    Submission, Token,
};
use futures::future::join_all;
use store::{Erasure, MintAnswer, Store, StoreError};

use super::mint_world::owner;
use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    recipients_take_places_with_their_badges,
    without_a_collection_nothing_is_stored,
    metadata_is_kept_with_the_badge,
    a_request_is_queued_once,
    an_open_request_changes_its_owner,
    a_sealed_token_is_another_owners,
    a_lost_wallet_is_replaced,
    a_token_being_sealed_must_wait,
    a_revoked_badge_is_not_minted,
    only_the_account_asks,
    of_many_requests_one_takes_a_place,
    requests_and_intake_leave_no_gap,
);

fn queued(answer: MintAnswer) -> Token {
    match answer {
        MintAnswer::Requested(token) => token,
        other => panic!("{other:?}"),
    }
}

async fn recipients_take_places_with_their_badges(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let first = Position::first_of(collection.stream.id);
    let (one, two) = (world.owned(9), world.owned(2));
    let calls = [one.clone(), world.submission(), two, one.clone()];
    let accepted = world.accept(&calls).await;
    assert_eq!(accepted[3].acceptance, Acceptance::Known);
    assert_eq!((accepted[0].recipient, accepted[1].recipient), (Some(owner(9)), None));
    let again = world.accept(&[one.clone(), world.owned(2)]).await;
    let drawn_anew = Submission { recipient: Some(world.recipient(9)), ..one.clone() };
    assert!(again[0].same_options(&drawn_anew));
    assert!(!again[0].same_options(&Submission { recipient: None, ..one }));
    let view = world.mint_view(&collection).await;
    assert_eq!((view.open_from, view.next), (first, first.plus(3)));
    assert_eq!((view.open_since, view.open_deadline_at.is_some()), (Some(at(0)), true));

    let expected = Token {
        position: first,
        stream: collection.stream.clone(),
        badge: Some(accepted[0].position),
        owner: Some(owner(9)),
        salt: one.recipient.map(|recipient| recipient.salt),
        requested_at: at(0),
        index: None,
        batch: None,
        burned_at: None,
        replaced_at: None,
        revocation: None,
    };
    assert_eq!(expected.state(), MintState::Requested);
    assert_eq!(world.store.tokens(accepted[0].position).await.unwrap(), [expected]);
    assert_eq!(world.token(accepted[2].position).await.position, first.plus(1));
    assert_eq!(world.store.tokens(accepted[1].position).await.unwrap(), []);
    let badge = world.store.badge(accepted[0].position).await.unwrap().unwrap();
    assert_eq!(badge.recipient, Some(owner(9)));
    assert_eq!(world.store.counts().await.unwrap().tokens, 3);
}

async fn without_a_collection_nothing_is_stored(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let refused = world.store.accept(world.stream.id, &[world.submission(), world.owned(1)]).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(world.store.counts().await.unwrap(), store::StoredCounts::default());
}

async fn metadata_is_kept_with_the_badge(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    world.collection(1, None).await;
    let metadata = PublicMetadata {
        name: "반도체 \"심화\"".to_owned(),
        description: Some("24학점\n실습".to_owned()),
        image: None,
        url: Some("https://x.example/1".to_owned()),
        level: Some(Level::Gold),
        attributes: vec![domain::MetadataAttribute { name: "a".into(), value: "24".into() }],
    };
    let with = Submission { metadata: Some(metadata.clone()), ..world.submission() };
    let accepted = world.accept(&[world.submission(), with.clone(), world.owned(1)]).await;
    let read = |index: usize| world.store.metadata(accepted[index].position);
    assert_eq!(read(0).await.unwrap(), None);
    assert_eq!(read(1).await.unwrap(), Some(metadata.clone()));
    let known = world.accept(std::slice::from_ref(&with)).await.remove(0);
    assert_eq!(known.metadata, Some(metadata));
    assert!(known.same_options(&with));
    assert!(!known.same_options(&Submission { metadata: None, ..with }));
    world.store.erase(world.account.id, accepted[1].position, at(3)).await.unwrap();
    assert_eq!(read(1).await.unwrap(), None);
}

async fn a_request_is_queued_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badge = world.badges(1).await[0];
    let token = queued(world.request(badge, 1, None).await);
    assert_eq!((token.requested_at, token.owner), (at(7), Some(owner(1))));
    assert_eq!(world.request(badge, 1, None).await, MintAnswer::Known(token.clone()));
    assert_eq!(world.request(badge, 1, Some(5)).await, MintAnswer::Known(token.clone()));
    let view = world.mint_view(&collection).await;
    assert_eq!((view.open(), view.open_since), (1, Some(at(7))));
    let batch = world.cut_mint(&collection).await;
    assert!(matches!(world.request(badge, 1, None).await, MintAnswer::Known(_)));
    world.seal_mint(&batch).await;
    let MintAnswer::Known(sealed) = world.request(badge, 1, None).await else { panic!() };
    assert_eq!((sealed.position, sealed.state()), (token.position, MintState::Sealed));
}

async fn an_open_request_changes_its_owner(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badge = world.badges_of(&[1]).await[0];
    let token = queued(world.request(badge, 2, None).await);
    assert_eq!((token.owner, token.requested_at), (Some(owner(2)), at(0)));
    let named = queued(world.request(badge, 3, Some(2)).await);
    assert_eq!((named.owner, named.position), (Some(owner(3)), token.position));
    // who names a third knows something else than what is stored
    let stale = world.request(badge, 4, Some(2)).await;
    assert_eq!(stale, MintAnswer::OtherOwner(named.clone()));
    assert_eq!(world.store.tokens(badge).await.unwrap(), [named]);
    assert_eq!(world.mint_view(&collection).await.open(), 1);
}

async fn a_sealed_token_is_another_owners(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let (_, badges) = world.sealed_mint(&collection, &[1]).await;
    let token = world.token(badges[0]).await;
    for replaces in [None, Some(2), Some(3)] {
        let answer = world.request(badges[0], 2, replaces).await;
        assert_eq!(answer, MintAnswer::OtherOwner(token.clone()), "{replaces:?}");
    }
    assert_eq!(world.mint_view(&collection).await.open(), 0);
}

async fn a_lost_wallet_is_replaced(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let (_, badges) = world.sealed_mint(&collection, &[1, 5]).await;
    let old = world.token(badges[0]).await;
    let next_volume = world.collection(2, None).await;
    let new = queued(world.request(badges[0], 2, Some(1)).await);
    assert_eq!((new.owner, &new.stream), (Some(owner(2)), &next_volume.stream));
    assert_eq!(world.request(badges[0], 2, Some(1)).await, MintAnswer::Known(new.clone()));

    let tokens = world.store.tokens(badges[0]).await.unwrap();
    assert_eq!(tokens[0], new);
    assert_eq!((tokens[1].position, tokens[1].replaced_at), (old.position, Some(at(7))));
    let revocation = tokens[1].revocation.unwrap();
    assert_eq!(revocation.reason, RevocationReason::Superseded);
    assert_eq!((revocation.requested_at, revocation.final_at), (at(7), None));
    let badge = world.store.badge(badges[0]).await.unwrap().unwrap();
    assert_eq!(badge.revocation, None, "the badge is as good as before");
    let of_old = world.store.tokens_of_owner(owner(1), None, 10).await.unwrap();
    assert_eq!(of_old, []);
    // and once more
    let batch = world.cut_mint(&next_volume).await;
    world.seal_mint(&batch).await;
    let third = queued(world.request(badges[0], 3, Some(2)).await);
    let owners: Vec<_> = world.store.tokens(badges[0]).await.unwrap();
    let owners: Vec<_> = owners.iter().map(|token| token.owner.unwrap().0[0]).collect();
    assert_eq!((owners, third.index), (vec![3, 2, 1], None));
}

async fn a_token_being_sealed_must_wait(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badge = world.badges_of(&[1]).await[0];
    let batch = world.cut_mint(&collection).await;
    let entries = world.store.mint_entries(batch.first, batch.end).await.unwrap();
    assert_eq!(world.request(badge, 2, Some(1)).await, MintAnswer::BeingSealed);
    let stale = world.request(badge, 2, None).await;
    assert_eq!(stale, MintAnswer::OtherOwner(world.token(badge).await));
    assert_eq!(world.store.mint_entries(batch.first, batch.end).await.unwrap(), entries);
    world.seal_mint(&batch).await;
    queued(world.request(badge, 2, Some(1)).await);
}

async fn a_revoked_badge_is_not_minted(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badges = world.badges_of(&[1, 2]).await;
    world.revoke_badge(badges[0]).await;
    assert_eq!(world.store.tokens(badges[0]).await.unwrap(), [], "withdrawn");
    assert_eq!(world.request(badges[0], 1, None).await, MintAnswer::Revoked);
    assert_eq!(world.mint_view(&collection).await.open(), 2, "its place stays");
    let batch = world.cut_mint(&collection).await;
    let entries = world.store.mint_entries(batch.first, batch.end).await.unwrap();
    assert_eq!((entries.len(), entries[0].owner), (1, owner(2)));
}

async fn only_the_account_asks(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    world.collection(1, None).await;
    let badge = world.badges_of(&[1]).await[0];
    let stranger = world.store.add_account("other", at(0)).await.unwrap().id;
    let token = world.token(badge).await;
    for (account, badge) in
        [(stranger, badge), (world.account.id, badge.plus(1)), (world.account.id, token.position)]
    {
        let recipient = world.recipient(2);
        let request = MintRequest { badge, recipient, replaces: None, requested_at: at(1) };
        let refused = world.store.request_mint(account, &request).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    assert_eq!(world.store.tokens(badge).await.unwrap(), [token]);
}

async fn of_many_requests_one_takes_a_place(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let collection = world.collection(1, None).await;
    for badge in world.badges(4).await {
        let asking = (1..=6).map(|number| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { queued(world.request(badge, number, None).await) })
        });
        let tokens = join_all(asking.collect::<Vec<_>>()).await;
        let places: BTreeSet<_> = tokens.into_iter().map(|one| one.unwrap().position).collect();
        assert_eq!(places.len(), 1);
        assert_eq!(world.store.tokens(badge).await.unwrap().len(), 1);
    }
    assert_eq!(world.mint_view(&collection).await.open(), 4);
}

/// Intake, later requests, withdrawals and cuts at the same time.
async fn requests_and_intake_leave_no_gap(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let collection = Arc::new(world.collection(1, None).await);
    let later = world.badges(30).await;
    let gone = world.badges_of(&[7; 6]).await;
    let mut tasks = Vec::new();
    for part in later.chunks(10).map(<[_]>::to_vec) {
        let world = Arc::clone(&world);
        tasks.push(tokio::spawn(async move {
            for badge in part {
                queued(world.request(badge, 1, None).await);
            }
        }));
    }
    for writer in 0..3 {
        let world = Arc::clone(&world);
        tasks.push(tokio::spawn(async move {
            for call in 0..10 {
                world.badges_of(&[2, 3, 4][..1 + (writer + call) % 3]).await;
            }
        }));
    }
    let withdrawn = Arc::new(AtomicU64::new(0));
    let (eraser, sealer, counter) =
        (Arc::clone(&world), Arc::clone(&world), Arc::clone(&withdrawn));
    tasks.push(tokio::spawn(async move {
        for badge in gone {
            let erased = eraser.store.erase(eraser.account.id, badge, at(2)).await.unwrap();
            // those that were cut before stay
            let gone = u64::from(erased == Erasure::Erased);
            counter.fetch_add(gone, Ordering::SeqCst);
        }
    }));
    let minting = Arc::clone(&collection);
    tasks.push(tokio::spawn(async move {
        for _ in 0..10 {
            let view = sealer.mint_view(&minting).await;
            if view.open() > 10 {
                let end = view.open_from.plus(3);
                sealer.store.cut(view.stream.id, view.open_from, end, at(1)).await.unwrap();
            }
        }
    }));
    for done in join_all(tasks).await {
        done.unwrap();
    }
    let view = world.mint_view(&collection).await;
    let first = Position::first_of(collection.stream.id);
    let tokens = world.store.tokens_between(first, view.next, 1000).await.unwrap();
    let badges: BTreeSet<_> = tokens.iter().map(|token| token.badge.unwrap()).collect();
    assert_eq!(badges.len(), tokens.len(), "one token a badge");
    let counts = world.store.counts().await.unwrap();
    assert_eq!(tokens.len() as u64, counts.tokens);
    // all took a place, one after the other; the withdrawn ones left theirs
    assert_eq!(view.next.distance_from(first), counts.tokens + withdrawn.load(Ordering::SeqCst));
}
