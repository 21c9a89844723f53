//! Erasure of badges with tokens, in each state of the token.

use std::sync::Arc;

use domain::{MintState, Position};
use store::{Erasure, Store, StoreError};

use super::mint_world::owner;
use super::world::{CHAIN_ID, World, at};
use crate::support::over_both_databases;

over_both_databases!(
    an_open_request_is_withdrawn,
    a_token_being_built_must_wait,
    a_sealed_token_forgets_its_owner_once_final,
    a_minted_token_forgets_its_owner_at_once,
    a_replaced_token_is_forgotten_too,
);

async fn erase(world: &World, badge: Position) -> Erasure {
    world.store.erase(world.account.id, badge, at(3)).await.unwrap()
}

async fn an_open_request_is_withdrawn(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badges = world.badges_of(&[1, 2]).await;
    let token = world.token(badges[0]).await;
    assert_eq!(erase(&world, badges[0]).await, Erasure::Erased);
    assert_eq!(world.store.tokens(badges[0]).await.unwrap(), []);
    let left = world.store.tokens_between(token.position, token.position.plus(2), 10).await;
    assert_eq!(left.unwrap(), [world.token(badges[1]).await]);
    assert_eq!(world.mint_view(&collection).await.open(), 2, "its place stays");
    let batch = world.cut_mint(&collection).await;
    assert_eq!(world.seal_mint(&batch).await.seal().unwrap().size, 1);
}

async fn a_token_being_built_must_wait(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badge = world.badges_of(&[1]).await[0];
    let batch = world.cut_mint(&collection).await;
    assert_eq!(erase(&world, badge).await, Erasure::BeingSealed);
    assert!(world.store.badge(badge).await.unwrap().is_some());
    assert_eq!(world.token(badge).await.owner, Some(owner(1)));
    assert_eq!(world.store.erased(badge, badge.plus(1)).await.unwrap(), []);
    world.seal_mint(&batch).await;
    assert_eq!(erase(&world, badge).await, Erasure::Erased);
}

async fn a_sealed_token_forgets_its_owner_once_final(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[1, 2]).await;
    let id = world.token(badges[0]).await.id().unwrap();
    let contract = collection.stream.kind.collection().unwrap();
    let found = || async { world.store.token(CHAIN_ID, contract, id).await.unwrap().unwrap() };
    assert_eq!(erase(&world, badges[0]).await, Erasure::Erased);
    let token = found().await;
    assert_eq!((token.badge, token.owner), (None, Some(owner(1))), "the call needs it");
    assert_eq!(token.salt, None);
    assert_eq!(world.store.owners(batch.id).await.unwrap(), [1, 2].map(owner));
    assert_eq!(world.store.tokens_of_owner(owner(1), None, 10).await.unwrap(), []);

    world.finish_mint(&lease, &batch).await;
    let token = found().await;
    assert_eq!((token.badge, token.owner, token.index), (None, None, Some(0)));
    assert_eq!(token.state(), MintState::Minted);
    assert_eq!(world.token(badges[1]).await.owner, Some(owner(2)));
    let owners = world.store.owners(batch.id).await;
    assert!(matches!(owners, Err(StoreError::Conflict(_))), "{owners:?}");
}

async fn a_minted_token_forgets_its_owner_at_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[1, 2]).await;
    world.finish_mint(&lease, &batch).await;
    assert_eq!(erase(&world, badges[1]).await, Erasure::Erased);
    let tokens = world.store.tokens_between(batch.first, batch.end, 10).await.unwrap();
    let left: Vec<_> = tokens.iter().map(|token| (token.badge, token.owner)).collect();
    assert_eq!(left, [(Some(badges[0]), Some(owner(1))), (None, None)]);
    assert_eq!(world.store.counts().await.unwrap().tokens, 2);
}

async fn a_replaced_token_is_forgotten_too(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[1]).await;
    world.finish_mint(&lease, &batch).await;
    world.request(badges[0], 2, Some(1)).await;
    assert_eq!(erase(&world, badges[0]).await, Erasure::Erased);
    let end = batch.end.plus(9);
    let tokens = world.store.tokens_between(batch.first, end, 10).await.unwrap();
    let left: Vec<_> = tokens.iter().map(|token| (token.position, token.owner)).collect();
    assert_eq!(left, [(batch.first, None)], "the open one is withdrawn");
    let revocation = tokens[0].revocation.unwrap();
    assert_eq!(revocation.final_at, None, "it is revoked all the same");
    assert_eq!(world.signer_view().await.revocations[0].items[0].index, 0);
}
