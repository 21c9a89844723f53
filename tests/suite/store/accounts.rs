//! Accounts, issuers and keys.

use std::sync::Arc;

use domain::{AccountId, ApiKey, ApiKeyRecord, Control, IssuerId, Scope, Scopes, SeededEntropy};
use proof::Hash;
use store::{Store, StoreError};

use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    accounts_are_listed_by_id,
    issuers_are_kept_as_registered,
    an_identifier_is_registered_once,
    a_disabled_issuer_stays,
    keys_are_found_by_hash,
    revoking_a_key_counts_the_active,
);

async fn accounts_are_listed_by_id(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let same_name = world.store.add_account(&world.account.name, at(9)).await.unwrap();
    assert_eq!((same_name.name.as_str(), same_name.created_at), ("한빛대학교", at(9)));
    assert_eq!(world.store.accounts().await.unwrap(), [world.account, same_name]);
}

async fn issuers_are_kept_as_registered(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let other = world.store.add_account("other", at(0)).await.unwrap();
    let identifier: proof::IssuerIdentifier = "https://x.example/issuers/1".parse().unwrap();
    let aliases = ["https://X.example/\"quoted\"".to_owned(), "did:key:z6Mk".to_owned()];
    let issuer = world
        .store
        .add_issuer(other.id, &identifier, &aliases, Control::WellKnown, at(4))
        .await
        .unwrap();
    let expected = domain::Issuer {
        id: issuer.id,
        account: other.id,
        identifier,
        aliases: aliases.to_vec(),
        control: Control::WellKnown,
        created_at: at(4),
        disabled_at: None,
    };
    assert_eq!(issuer, expected);
    let all = world.store.issuers(None).await.unwrap();
    assert_eq!(all, [world.issuer, issuer]);
    assert_eq!(world.store.issuers(Some(other.id)).await.unwrap(), all[1..]);
    assert_eq!(world.store.issuers(Some(AccountId(999))).await.unwrap(), []);
}

async fn an_identifier_is_registered_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let other = world.store.add_account("other", at(0)).await.unwrap();
    let taken = &world.issuer.identifier;
    for account in [world.account.id, other.id] {
        let refused = world.store.add_issuer(account, taken, &[], Control::Manual, at(1)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    let free = "did:web:free.example".parse().unwrap();
    let refused = world.store.add_issuer(AccountId(999), &free, &[], Control::Manual, at(1)).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(world.store.issuers(None).await.unwrap().len(), 1);
}

async fn a_disabled_issuer_stays(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badge = world.badges(1).await[0];
    world.store.disable_issuer(world.issuer.id, at(8)).await.unwrap();
    let issuers = world.store.issuers(None).await.unwrap();
    assert_eq!(issuers, [domain::Issuer { disabled_at: Some(at(8)), ..world.issuer }]);
    assert!(world.store.badge(badge).await.unwrap().is_some());
    let refused = world.store.disable_issuer(IssuerId(999), at(8)).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

fn key(world: &World, seed: u64, millis: i64) -> ApiKeyRecord {
    let key = ApiKey::generate(&SeededEntropy::new(seed));
    ApiKeyRecord {
        hash: key.hash(),
        account: world.account.id,
        shown: key.shown().to_owned(),
        scopes: Scopes::of(&[Scope::Ingest, Scope::Read]),
        issuers: Vec::new(),
        created_at: at(millis),
        expires_at: None,
        revoked_at: None,
    }
}

async fn keys_are_found_by_hash(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let newer = key(&world, 1, 20);
    let older = ApiKeyRecord {
        scopes: Scopes::of(&[Scope::Read]),
        issuers: vec![world.issuer.id],
        expires_at: Some(at(99)),
        ..key(&world, 2, 10)
    };
    for record in [&newer, &older] {
        world.store.add_key(record).await.unwrap();
        assert_eq!(world.store.key(record.hash).await.unwrap().as_ref(), Some(record));
    }
    assert_eq!(world.store.key(Hash::ZERO).await.unwrap(), None);
    assert_eq!(world.store.keys(world.account.id).await.unwrap(), [older, newer.clone()]);
    assert_eq!(world.store.keys(AccountId(999)).await.unwrap(), []);
    let twice = world.store.add_key(&newer).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
}

async fn revoking_a_key_counts_the_active(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let (one, two) = (key(&world, 1, 10), key(&world, 2, 20));
    for record in [&one, &two] {
        world.store.add_key(record).await.unwrap();
    }
    let stranger = world.store.add_account("other", at(0)).await.unwrap().id;
    let revoke = |account, shown| world.store.revoke_key(account, shown, at(30));
    assert_eq!(revoke(stranger, &one.shown).await.unwrap(), 0);
    assert_eq!(revoke(world.account.id, "ingam_").await.unwrap(), 0, "no part of a part");
    assert_eq!(revoke(world.account.id, &one.shown).await.unwrap(), 1);
    assert_eq!(revoke(world.account.id, &one.shown).await.unwrap(), 0);
    let revoked = ApiKeyRecord { revoked_at: Some(at(30)), ..one };
    assert_eq!(world.store.keys(world.account.id).await.unwrap(), [revoked.clone(), two]);
    assert_eq!(revoked.grant(at(31)), None);
}
