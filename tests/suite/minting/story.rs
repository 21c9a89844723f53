//! Recipients at intake or later, lost wallets, erasure: on a simulated chain and a manual clock.

use std::sync::Arc;

use chain::{At, Chain as _};
use domain::{BadgeState, Batch, BatchState, Clock as _, MintState, Position, RevocationReason};
use store::{Erasure, MintAnswer, OutboxEvent, RevocationRequest, Store};

use crate::support::{COLLECTIONS, Service, over_both_databases, owner};

over_both_databases!(
    a_badge_with_a_recipient_is_anchored_and_minted,
    mints_are_cut_by_count_and_age,
    a_recipient_may_come_later,
    a_lost_wallet_gets_a_new_token,
    a_revoked_badge_takes_its_token_along,
    an_erased_badge_leaves_no_request,
    an_erased_badge_leaves_its_sealed_token,
    anchors_and_mints_share_the_signer,
);

async fn a_badge_with_a_recipient_is_anchored_and_minted(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(9), owner(3), owner(9), owner(5)]).await;
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Requested);
    service.grow_old();
    service.until_final().await;
    assert_eq!(service.mint_state(badges[0]).await, MintState::Requested, "its age is not come");
    service.grow_mints_old();
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Submitted);
    service.block();
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Included);
    service.block();
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Included, "not before finality");
    service.until_minted(&badges).await;
    let mut indexes = Vec::new();
    for badge in &badges {
        let token = service.token(*badge).await;
        assert!(service.on_chain(&token).await.valid);
        indexes.push(token.index.unwrap());
    }
    assert_eq!(indexes, [2, 0, 3, 1], "by owner, then as they were asked for");
    let events = service.store.events(0, 10).await.unwrap();
    let names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    assert_eq!(names, [OutboxEvent::BATCH_FINAL, OutboxEvent::MINT_FINAL]);
    service.assert_kept().await;
    assert_eq!(service.audit().await.tokens, 4);
}

async fn mint_batches(service: &Service) -> Vec<Batch> {
    let batches = service.store.all_batches(None, 100).await.unwrap();
    batches.into_iter().filter(|batch| batch.stream != service.stream.id).collect()
}

async fn mints_are_cut_by_count_and_age(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let sizes = async |service: &Service| {
        mint_batches(service).await.iter().map(Batch::len).collect::<Vec<_>>()
    };
    service.submit_for(&[owner(1); 7]).await;
    service.work().await.unwrap();
    assert!(sizes(&service).await.is_empty());
    // 27 requests: batches of 16 at most, and a rest that is due by its count
    service.submit_for(&[owner(2); 20]).await;
    service.work().await.unwrap();
    assert_eq!(sizes(&service).await, [16, 11]);
    let late = service.submit_for(&[owner(3); 2]).await;
    service.work().await.unwrap();
    assert_eq!(sizes(&service).await.len(), 2);
    service.grow_mints_old();
    service.until_minted(&late).await;
    assert_eq!(sizes(&service).await, [16, 11, 2]);
    service.until_final().await;
    service.assert_kept().await;
}

async fn a_recipient_may_come_later(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit(3).await;
    service.grow_old();
    service.until_final().await;
    assert!(service.store.tokens(badges[1]).await.unwrap().is_empty());
    let answer = service.request_mint(badges[1], owner(1), None).await;
    assert!(matches!(answer, MintAnswer::Requested(_)), "{answer:?}");
    let again = service.request_mint(badges[1], owner(1), None).await;
    assert!(matches!(again, MintAnswer::Known(_)), "{again:?}");
    let other = service.request_mint(badges[1], owner(2), Some(owner(7))).await;
    assert!(matches!(other, MintAnswer::OtherOwner(_)), "{other:?}");
    service.grow_mints_old();
    service.until_minted(&badges[1..2]).await;
    service.assert_kept().await;
}

async fn a_lost_wallet_gets_a_new_token(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(1), owner(2)]).await;
    service.grow_mints_old();
    service.until_minted(&badges).await;
    let old = service.token(badges[0]).await;
    let answer = service.request_mint(badges[0], owner(8), None).await;
    assert!(matches!(answer, MintAnswer::OtherOwner(_)), "{answer:?}");
    let answer = service.request_mint(badges[0], owner(8), Some(owner(1))).await;
    assert!(matches!(answer, MintAnswer::Requested(_)), "{answer:?}");
    service.grow_mints_old();
    service.until_minted(&badges).await;
    service.blocks(8).await;
    let new = service.token(badges[0]).await;
    assert_ne!(new.id(), old.id());
    assert_eq!(service.on_chain(&new).await.owner, Some(owner(8)));
    assert!(service.on_chain(&new).await.valid);
    // the old one exists, and is worth nothing
    assert_eq!(service.on_chain(&old).await.owner, Some(owner(1)));
    assert!(!service.on_chain(&old).await.valid);
    let tokens = service.store.tokens(badges[0]).await.unwrap();
    let replaced = tokens.iter().find(|token| token.position == old.position).unwrap();
    assert_eq!((tokens.len(), replaced.state()), (2, MintState::Revoked));
    assert!(replaced.replaced_at.is_some());
    // the badge is as good as before
    assert_eq!(service.revocation(badges[0]).await, None);
    let batch = service.record(badges[0]).await.batch.unwrap();
    let commitment = batch.seal().unwrap().commitment;
    let bits = service.chain.revoked(service.stream.registry, commitment, &[0, 1], At::Head);
    assert_eq!(bits.await.unwrap(), [false; 2]);
    service.assert_kept().await;
}

async fn a_revoked_badge_takes_its_token_along(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(1), owner(2), owner(3)]).await;
    let revoke = async |service: &Service, badge: Position| {
        let request = RevocationRequest {
            account: service.account,
            position: badge,
            reason: RevocationReason::PrivilegeWithdrawn,
            requested_at: service.clock.now(),
        };
        service.store.request_revocation(request).await.unwrap();
    };
    // before the cut: nothing of it is minted
    revoke(&service, badges[0]).await;
    assert!(service.store.tokens(badges[0]).await.unwrap().is_empty());
    assert_eq!(service.request_mint(badges[0], owner(1), None).await, MintAnswer::Revoked);
    service.grow_mints_old();
    service.until_minted(&badges[1..]).await;
    assert_eq!(service.mint_batch(badges[1]).await.seal().unwrap().size, 2);
    // minted: the token goes with the badge
    revoke(&service, badges[1]).await;
    service.until_tokens(&badges[1..2], MintState::Revoked).await;
    service.until_final().await;
    service.blocks(8).await;
    assert!(service.revocation(badges[1]).await.unwrap().final_at.is_some());
    assert!(!service.on_chain(&service.token(badges[1]).await).await.valid);
    assert_eq!(service.mint_state(badges[2]).await, MintState::Minted);
    service.assert_kept().await;
}

async fn erase(service: &mut Service, badge: Position) -> Erasure {
    let erased = service.store.erase(service.account, badge, service.clock.now()).await.unwrap();
    if erased == Erasure::Erased {
        service.accepted.retain(|position| *position != badge);
    }
    erased
}

async fn an_erased_badge_leaves_no_request(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(1), owner(2), owner(3)]).await;
    let gap = service.token(badges[1]).await.position;
    assert_eq!(erase(&mut service, badges[1]).await, Erasure::Erased);
    service.grow_mints_old();
    service.until_minted(&[badges[0], badges[2]]).await;
    let batch = service.mint_batch(badges[0]).await;
    assert_eq!((batch.len(), batch.seal().unwrap().size), (3, 2), "the gap gets no leaf");
    let left = service.store.tokens_between(gap, gap.plus(1), 1).await.unwrap();
    assert!(left.is_empty());
    // all of a range: nothing is minted
    let badges = service.submit_for(&[owner(4), owner(5)]).await;
    for badge in &badges {
        assert_eq!(erase(&mut service, *badge).await, Erasure::Erased);
    }
    service.grow_mints_old();
    service.until_final().await;
    let batches = mint_batches(&service).await;
    assert_eq!(batches.last().unwrap().state, BatchState::Vacated);
    service.assert_kept().await;
}

async fn an_erased_badge_leaves_its_sealed_token(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(1), owner(2), owner(3)]).await;
    service.grow_mints_old();
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[1]).await, MintState::Submitted);
    let place = service.token(badges[1]).await.position;
    let token = async |service: &Service| {
        let found = service.store.tokens_between(place, place.plus(1), 1).await.unwrap();
        found.into_iter().next().expect("the leaf stays")
    };
    assert_eq!(erase(&mut service, badges[1]).await, Erasure::Erased);
    let found = token(&service).await;
    assert_eq!((found.badge, found.owner), (None, Some(owner(2))), "the mint still needs it");
    // another process signs the same bytes again, with a higher fee
    service.chain.drop_pool();
    service.restart();
    service.until_minted(&[badges[0], badges[2]]).await;
    let found = token(&service).await;
    assert_eq!((found.badge, found.owner, found.state()), (None, None, MintState::Minted));
    assert_eq!(service.on_chain(&found).await.owner, Some(owner(2)), "the chain forgets nothing");
    service.until_final().await;
    service.assert_kept().await;
}

async fn anchors_and_mints_share_the_signer(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let purposes = async |service: &Service| {
        let stored = service.store.transactions(service.signer.id, 0, 10).await.unwrap();
        stored.iter().map(|record| record.purpose.name()).collect::<Vec<_>>()
    };
    // five mint batches and two anchor batches wait; of the four slots mints take the third only
    let badges = service.submit_for(&[owner(1); 80]).await;
    service.chain.set_paused(true);
    service.grow_old();
    service.work().await.unwrap();
    assert!(purposes(&service).await.is_empty());
    service.chain.set_paused(false);
    service.chain.set_base_fee(100_000_000_000);
    service.grow_old();
    service.block();
    service.work().await.unwrap();
    assert_eq!(purposes(&service).await, ["anchor", "anchor", "mint"]);
    service.submit(1).await;
    service.grow_old();
    service.work().await.unwrap();
    assert_eq!(purposes(&service).await, ["anchor", "anchor", "mint", "anchor"]);
    service.chain.set_base_fee(1_000_000_000);
    service.until_minted(&badges).await;
    service.until_final().await;
    assert_eq!(service.states().await.len(), 81);
    assert!(service.states().await.iter().all(|state| *state == BadgeState::Final));
    let minted = service.chain.batch_count(COLLECTIONS[0]).await.unwrap();
    assert_eq!(minted, 5);
    service.assert_kept().await;
}
