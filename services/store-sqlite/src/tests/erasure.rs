use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use domain::{NewCollection, PublicMetadata, Recipient, RevocationReason, Submission};
use proof::{Address, Hash};
use store::{
    Administration, Audit, Claim, Erasure, Idempotency, Intake, Lookup, RequestKey,
    RevocationRequest, Sealing, StoreError,
};

use super::{Fixture, at};
use crate::SqliteOptions;

/// Which of the badges have digest or salt in any file of the directory.
fn traces<'a>(path: &Path, badges: &'a [Submission]) -> Vec<&'a Submission> {
    // random bytes: the first eight tell where to look for all 32
    let start = |value: &Hash| -> [u8; 8] { value.0[..8].try_into().unwrap() };
    let wanted: HashMap<_, _> = badges
        .iter()
        .enumerate()
        .flat_map(|(index, badge)| [(badge.digest, index), (badge.salt, index)])
        .map(|(value, index)| (start(&value), (value, index)))
        .collect();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for window in bytes.windows(32) {
            if let Some((value, index)) = wanted.get(&window[..8])
                && value.0 == window
            {
                found.insert(*index);
            }
        }
    }
    found.into_iter().map(|index| &badges[index]).collect()
}

#[tokio::test]
async fn an_erased_badge_leaves_no_byte_in_any_file() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let mut badges = fixture.submissions(0..3000);
    let mut positions = Vec::new();
    // many small transactions, so that pages are split, moved and merged as in real life
    for rows in badges.chunks(40) {
        let accepted = fixture.store.accept(fixture.stream.id, rows).await.unwrap();
        positions.extend(accepted.into_iter().map(|it| it.position));
    }
    let kept = badges.split_off(1500);
    assert_eq!(traces(&fixture.path(), &badges).len(), badges.len());
    for position in positions[..1500].iter().step_by(50) {
        let done = fixture.store.erase(fixture.account.id, *position, at(9)).await.unwrap();
        assert_eq!(done, Erasure::Erased);
    }
    let erased: Vec<_> = badges.iter().step_by(50).cloned().collect();
    assert_eq!(traces(&fixture.path(), &erased), Vec::<&Submission>::new());
    assert_eq!(traces(&fixture.path(), &kept).len(), kept.len());
    assert_eq!(fixture.store.badge(positions[50]).await.unwrap(), None);
    assert!(fixture.store.badge(positions[51]).await.unwrap().is_some());
    let listed = fixture.store.erased(positions[0], positions[101]).await.unwrap();
    assert_eq!(listed, [positions[0], positions[50], positions[100]]);
}

#[tokio::test]
async fn an_erased_badge_leaves_no_byte_of_the_request_that_brought_it() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let badges = fixture.submissions(0..600);
    // found in the place of digest and salt
    let printed = |badge: &Submission| {
        let fingerprint = Hash::of(&[b"request", &badge.digest.0]);
        Submission { digest: fingerprint, salt: fingerprint, ..badge.clone() }
    };
    let claims: Vec<_> = badges
        .iter()
        .map(|badge| {
            let hash = Hash::of(&[b"name", &badge.digest.0]);
            Some(Claim {
                key: RequestKey { account: fixture.account.id, hash },
                fingerprint: printed(badge).digest,
                at: at(1),
                expires_at: at(1000),
            })
        })
        .collect();
    let mut positions = Vec::new();
    for (rows, claims) in badges.chunks(40).zip(claims.chunks(40)) {
        let stream = fixture.stream.id;
        let accepted = fixture.store.accept_claiming(stream, rows, claims).await.unwrap();
        positions.extend(accepted.into_iter().flatten().map(|it| it.position));
    }
    let fingerprints: Vec<_> = badges.iter().map(printed).collect();
    assert_eq!(traces(&fixture.path(), &fingerprints).len(), badges.len());
    for position in positions.iter().step_by(50) {
        let done = fixture.store.erase(fixture.account.id, *position, at(9)).await.unwrap();
        assert_eq!(done, Erasure::Erased);
    }
    let erased: Vec<_> = fingerprints.iter().step_by(50).cloned().collect();
    assert_eq!(traces(&fixture.path(), &erased), Vec::<&Submission>::new());
    let left = badges.len() - erased.len();
    assert_eq!(traces(&fixture.path(), &fingerprints).len(), left);
}

#[tokio::test]
async fn erasure_waits_while_its_batch_is_built() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let store = &fixture.store;
    let account = fixture.account.id;
    let accepted = store.accept(fixture.stream.id, &fixture.submissions(0..4)).await.unwrap();
    let positions: Vec<_> = accepted.iter().map(|it| it.position).collect();
    for position in &positions[2..] {
        let request = RevocationRequest {
            account,
            position: *position,
            reason: RevocationReason::PrivilegeWithdrawn,
            requested_at: at(5),
        };
        store.request_revocation(request).await.unwrap();
    }
    let other = store.erase(domain::AccountId(account.0 + 1), positions[0], at(5)).await;
    assert!(matches!(other, Err(StoreError::NotFound)));
    store.cut(fixture.stream.id, positions[0], positions[2], at(6)).await.unwrap().unwrap();
    let waiting = store.erase(account, positions[1], at(7)).await.unwrap();
    assert_eq!(waiting, Erasure::BeingSealed);
    assert_eq!(store.erase(account, positions[3], at(7)).await.unwrap(), Erasure::Erased);
    let again = store.erase(account, positions[3], at(7)).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
    let rest = store.badge(positions[2]).await.unwrap().unwrap();
    assert_eq!(rest.revocation.unwrap().reason, RevocationReason::PrivilegeWithdrawn);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.badges, counts.positions, counts.erased), (3, 4, 1));
}

#[tokio::test]
async fn an_erased_token_leaves_no_byte_in_any_file() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let store = &fixture.store;
    let collection = NewCollection {
        chain_id: fixture.stream.chain_id,
        registry: fixture.stream.registry,
        contract: Address([8; 20]),
        issuer: None,
        from_block: 1,
        code_hash: Hash::ZERO,
        service: fixture.stream.service.clone(),
        promise_ms: 1000,
    };
    store.add_collection(&collection, at(0)).await.unwrap();
    let owner = |badge: &Submission| Address::from_slice(&badge.digest.0[12..]).unwrap();
    let mut badges = fixture.submissions(0..600);
    for badge in &mut badges {
        // parts of the random bytes that stand nowhere else, so that each is found by itself
        let salt = Hash::of(&[b"token", &badge.salt.0]);
        badge.recipient = Some(Recipient { owner: reversed(owner(badge)), salt });
        badge.metadata = Some(PublicMetadata {
            name: salt.to_string(),
            description: None,
            image: None,
            url: None,
            level: None,
            attributes: Vec::new(),
        });
    }
    let mut positions = Vec::new();
    for rows in badges.chunks(40) {
        let accepted = store.accept(fixture.stream.id, rows).await.unwrap();
        positions.extend(accepted.into_iter().map(|it| it.position));
    }
    let secrets = |badge: &Submission| {
        let Recipient { owner, salt } = badge.recipient.unwrap();
        [owner.0.to_vec(), salt.0.to_vec(), salt.to_string().into_bytes()]
    };
    let (gone, kept) = ([0, 150, 299, 300, 599], [1, 151, 301]);
    for index in gone {
        let done = store.erase(fixture.account.id, positions[index], at(9)).await.unwrap();
        assert_eq!(done, Erasure::Erased);
    }
    let files: Vec<_> = std::fs::read_dir(fixture.path().parent().unwrap())
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    let found = |secret: &[u8]| {
        files.iter().any(|file| file.windows(secret.len()).any(|window| window == secret))
    };
    for index in kept {
        assert!(secrets(&badges[index]).iter().all(|secret| found(secret)), "{index}");
    }
    for index in gone {
        assert!(!secrets(&badges[index]).iter().any(|secret| found(secret)), "{index}");
    }
}

fn reversed(mut address: Address) -> Address {
    address.0.reverse();
    address
}
