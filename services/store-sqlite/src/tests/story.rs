use domain::{
    Acceptance, AccountId, ApiKeyRecord, Attempt, BadgeState, Batch, BatchState, Block,
    BlockedReason, BurnReason, Control, Effect, Fees, Inclusion, IssuerId, LiveTransaction,
    Observation, Position, Purpose, RevocationReason, Seal,
};
use proof::{Address, Hash, Rule, TileId, TrustFile, commitment, tiles_of_leaves};
use store::{
    Administration, Audit, BadgeFilter, Conclusion, Intake, Lease, Lookup, NewTransaction,
    OutboxEvent, ReceiptKeyRecord, RegistryRecord, RevocationRequest, Sealing, Signing, StoreError,
};

use super::{Fixture, PROMISE_MS, at};
use crate::SqliteOptions;

fn attempt(tag: u8, max_fee: u128) -> Attempt {
    Attempt {
        hash: Hash([tag; 32]),
        raw: vec![2, tag],
        gas_limit: 60_000,
        fees: Fees { max_fee, max_priority_fee: max_fee / 2 },
        created_at: at(100),
        created_block: 10,
    }
}

fn inclusion() -> Inclusion {
    Inclusion {
        transaction: Some(Hash([1; 32])),
        block_number: 12,
        block_hash: Hash([12; 32]),
        block_time: at(120),
    }
}

fn observed(effect: Effect) -> Observation {
    Observation { at: Block { number: 13, hash: Hash([13; 32]) }, effect, observed_at: at(130) }
}

async fn accept(fixture: &Fixture, numbers: std::ops::Range<u64>) -> Vec<Position> {
    let rows = fixture.submissions(numbers);
    let accepted = fixture.store.accept(fixture.stream.id, &rows).await.unwrap();
    accepted.into_iter().map(|it| it.position).collect()
}

/// Cuts what is open and seals it.
async fn seal(fixture: &Fixture) -> Batch {
    let store = &fixture.store;
    let view = store.streams().await.unwrap().remove(0);
    let batch =
        store.cut(view.stream.id, view.open_from, view.next, at(50)).await.unwrap().unwrap();
    let entries = store.entries(batch.first, batch.end, 100).await.unwrap();
    let leaves: Vec<Hash> = entries.iter().map(|it| it.entry.leaf()).collect();
    let built = tiles_of_leaves(&leaves).unwrap();
    store.put_tiles(batch.id, &built.tiles).await.unwrap();
    store.put_tiles(batch.id, &built.tiles).await.unwrap();
    let commitment = commitment(built.size, built.root, Hash::ZERO);
    let seal = Seal {
        size: built.size,
        root: built.root,
        blockcerts_root: Hash::ZERO,
        commitment,
        owners_hash: None,
    };
    let sealed = store.seal(batch.id, seal).await.unwrap();
    assert_eq!(store.seal(batch.id, seal).await.unwrap(), sealed);
    let other = Seal { root: Hash([9; 32]), ..seal };
    assert!(matches!(store.seal(batch.id, other).await, Err(StoreError::Conflict(_))));
    let tile = store.tile(batch.id, TileId { level: 0, index: 0 }).await.unwrap().unwrap();
    assert_eq!(tile.hashes, leaves);
    sealed
}

async fn signer(fixture: &Fixture) -> Lease {
    let store = &fixture.store;
    let signer = store.signer(31_337, Address([8; 20]), 5, at(59)).await.unwrap();
    assert_eq!(store.signer(31_337, Address([8; 20]), 9, at(60)).await.unwrap(), signer);
    store.lease(signer.id, "one", at(60), 20_000).await.unwrap().unwrap()
}

async fn only_live(fixture: &Fixture, lease: &Lease) -> LiveTransaction {
    let mut live = fixture.store.signer_view(lease.signer, 10).await.unwrap().live;
    assert_eq!(live.len(), 1);
    live.remove(0)
}

fn anchor(batch: &Batch, nonce: u64, tag: u8) -> NewTransaction {
    let purpose = Purpose::Anchor { batch: batch.id };
    NewTransaction { nonce, purpose, revoked: vec![], attempt: attempt(tag, 100) }
}

async fn state(fixture: &Fixture, position: Position) -> BadgeState {
    fixture.store.badge(position).await.unwrap().unwrap().state()
}

#[tokio::test]
async fn a_badge_from_intake_to_its_final_block() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let store = &fixture.store;
    let positions = accept(&fixture, 0..5).await;
    let open = store.promise_status(at(10)).await.unwrap();
    assert_eq!((open.open, open.overdue, open.oldest_open_at), (5, 0, Some(at(0))));
    assert_eq!(open.next_deadline_at, Some(at(PROMISE_MS)));
    assert_eq!(state(&fixture, positions[0]).await, BadgeState::Accepted);
    let batch = seal(&fixture).await;
    assert_eq!((batch.deadline_at, batch.len()), (at(PROMISE_MS), 5));
    assert_eq!(store.promise_status(at(PROMISE_MS + 1)).await.unwrap().overdue, 5);
    let lease = signer(&fixture).await;
    store.block(&lease, batch.id, BlockedReason::Role, at(70)).await.unwrap();
    store.block(&lease, batch.id, BlockedReason::Role, at(80)).await.unwrap();
    let view = store.signer_view(lease.signer, 10).await.unwrap();
    assert_eq!((view.next_nonce, view.waiting.len()), (5, 1));
    assert_eq!(view.waiting[0].stream, fixture.stream);
    let BatchState::Blocked { since, .. } = view.waiting[0].batch.state else { panic!("{view:?}") };
    assert_eq!(since, at(70));

    let gap = store.prepare(&lease, &anchor(&batch, 6, 1)).await;
    assert!(matches!(gap, Err(StoreError::Conflict(_))));
    let transaction = store.prepare(&lease, &anchor(&batch, 5, 1)).await.unwrap();
    let twice = store.prepare(&lease, &anchor(&batch, 6, 2)).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))));
    assert_eq!(state(&fixture, positions[0]).await, BadgeState::Submitted);
    let same_fee = store.bump(&lease, transaction, &attempt(3, 100)).await;
    assert!(matches!(same_fee, Err(StoreError::Conflict(_))));
    store.bump(&lease, transaction, &attempt(3, 120)).await.unwrap();
    store.observe(&lease, transaction, &observed(Effect::Pending)).await.unwrap();
    let seen = observed(Effect::Present { inclusion: inclusion() });
    store.observe(&lease, transaction, &seen).await.unwrap();
    assert_eq!(state(&fixture, positions[0]).await, BadgeState::Included);
    let live = only_live(&fixture, &lease).await;
    assert_eq!(live.observation, Some(seen));
    assert_eq!(live.attempts, [attempt(1, 100), attempt(3, 120)]);
    assert_eq!(live.deadline_at, batch.deadline_at);

    let end = Conclusion::Confirmed { inclusion: inclusion() };
    store.conclude(&lease, transaction, &end, at(140)).await.unwrap();
    let again = store.conclude(&lease, transaction, &end, at(140)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    let record = store.badge(positions[4]).await.unwrap().unwrap();
    assert_eq!(record.state(), BadgeState::Final);
    assert_eq!(record.batch.unwrap().inclusion(), Some(&inclusion()));
    assert_eq!(store.promise_status(at(PROMISE_MS + 1)).await.unwrap().open, 0);
    let events = store.events(0, 10).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].event.as_str(), events[0].at), (OutboxEvent::BATCH_FINAL, at(140)));
    let stored = store.transactions(lease.signer, 0, 10).await.unwrap();
    assert_eq!(stored[0].attempts.len(), 2);
    assert_eq!(store.signers().await.unwrap().len(), 1);
    let sealed = batch.seal().unwrap();
    let found = store.batch_by_commitment(sealed.commitment).await.unwrap().unwrap();
    assert_eq!(store.batches(None, 10).await.unwrap(), vec![found.clone()]);
    assert_eq!(store.all_batches(None, 10).await.unwrap(), vec![found]);
    assert_eq!(store.tiles(batch.id, None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_burned_nonce_queues_the_batch_again() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let store = &fixture.store;
    let positions = accept(&fixture, 0..2).await;
    let batch = seal(&fixture).await;
    let lease = signer(&fixture).await;
    let first = store.prepare(&lease, &anchor(&batch, 5, 1)).await.unwrap();
    let seen = observed(Effect::Present { inclusion: inclusion() });
    store.observe(&lease, first, &seen).await.unwrap();
    let burned = Conclusion::Burned { reason: BurnReason::Foreign };
    store.conclude(&lease, first, &burned, at(150)).await.unwrap();
    assert_eq!(state(&fixture, positions[0]).await, BadgeState::Sealed);
    store.prepare(&lease, &anchor(&batch, 6, 2)).await.unwrap();
    // what was seen of the burned one counts for nothing
    assert_eq!(state(&fixture, positions[0]).await, BadgeState::Submitted);
}

#[tokio::test]
async fn a_lost_lease_writes_nothing() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let store = &fixture.store;
    accept(&fixture, 0..1).await;
    let batch = seal(&fixture).await;
    let lease = signer(&fixture).await;
    assert_eq!(store.lease(lease.signer, "two", at(70), 20_000).await.unwrap(), None);
    let renewed = store.lease(lease.signer, "one", at(70), 20_000).await.unwrap().unwrap();
    assert_eq!(renewed.epoch, lease.epoch);
    let taken = store.lease(lease.signer, "two", at(20_070), 20_000).await.unwrap().unwrap();
    assert_eq!(taken.epoch, lease.epoch + 1);
    let stale = store.prepare(&lease, &anchor(&batch, 5, 1)).await;
    assert!(matches!(stale, Err(StoreError::StaleLease)));
    store.release(&lease).await.unwrap();
    store.prepare(&taken, &anchor(&batch, 5, 1)).await.unwrap();
    store.release(&taken).await.unwrap();
    let given_back = store.block(&taken, batch.id, BlockedReason::Role, at(80)).await;
    assert!(matches!(given_back, Err(StoreError::StaleLease)));
    assert!(store.lease(lease.signer, "one", at(20_071), 20_000).await.unwrap().is_some());
}

#[tokio::test]
async fn revocations_wait_for_the_final_batch_and_share_a_transaction() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let store = &fixture.store;
    let positions = accept(&fixture, 0..4).await;
    let batch = seal(&fixture).await;
    let lease = signer(&fixture).await;
    let reasons = [RevocationReason::PrivilegeWithdrawn, RevocationReason::Superseded];
    for (position, reason) in [(2, 0), (1, 0), (3, 1)] {
        let request = RevocationRequest {
            account: fixture.account.id,
            position: positions[position],
            reason: reasons[reason],
            requested_at: at(200),
        };
        let first = store.request_revocation(request).await.unwrap();
        let later = RevocationRequest { requested_at: at(300), ..request };
        assert_eq!(store.request_revocation(later).await.unwrap(), first);
    }
    assert!(store.signer_view(lease.signer, 10).await.unwrap().revocations.is_empty());
    let anchored = store.prepare(&lease, &anchor(&batch, 5, 1)).await.unwrap();
    let end = Conclusion::Confirmed { inclusion: inclusion() };
    store.conclude(&lease, anchored, &end, at(210)).await.unwrap();
    let jobs = store.signer_view(lease.signer, 10).await.unwrap().revocations;
    assert_eq!(jobs.len(), 1);
    let indexes: Vec<_> = jobs[0].items.iter().map(|item| item.index).collect();
    assert_eq!(indexes, [1, 2]);
    let revocation = NewTransaction {
        nonce: 6,
        purpose: Purpose::Revoke { batch: batch.id },
        revoked: jobs[0].items.iter().map(|item| item.position).collect(),
        attempt: attempt(4, 100),
    };
    let sent = store.prepare(&lease, &revocation).await.unwrap();
    // the row goes, its revocation does not: the signed bytes name its leaf
    store.erase(fixture.account.id, positions[1], at(220)).await.unwrap();
    let live = only_live(&fixture, &lease).await;
    assert_eq!((live.revoked_indexes, live.deadline_at), (vec![1, 2], at(200 + PROMISE_MS)));
    assert!(store.signer_view(lease.signer, 10).await.unwrap().revocations.is_empty());
    let burned = Conclusion::Burned { reason: BurnReason::Reverted };
    store.conclude(&lease, sent, &burned, at(230)).await.unwrap();
    let again = NewTransaction { nonce: 7, attempt: attempt(5, 100), ..revocation };
    let sent = store.prepare(&lease, &again).await.unwrap();
    store.conclude(&lease, sent, &end, at(240)).await.unwrap();
    let revoked = store.badge(positions[2]).await.unwrap().unwrap().revocation.unwrap();
    assert_eq!(revoked.final_at, Some(at(240)));
    let jobs = store.signer_view(lease.signer, 10).await.unwrap().revocations;
    assert_eq!(jobs[0].items[0].reason, RevocationReason::Superseded);
}

#[tokio::test]
async fn ranges_are_cut_once_and_badges_are_found() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let store = &fixture.store;
    let mut twins = fixture.submissions(0..3);
    twins.push(twins[1].clone());
    twins[2].external_id = Some("C-1".parse().unwrap());
    let accepted = store.accept(fixture.stream.id, &twins).await.unwrap();
    assert_eq!(accepted[3].position, accepted[1].position);
    assert_eq!(accepted[3].acceptance, Acceptance::Known);
    let positions: Vec<_> = accepted.iter().map(|it| it.position).collect();
    let stream = fixture.stream.id;
    let beyond = store.cut(stream, positions[0], positions[0].plus(4), at(9)).await;
    assert!(matches!(beyond, Err(StoreError::Conflict(_))));
    assert!(store.cut(stream, positions[0], positions[2], at(9)).await.unwrap().is_some());
    assert_eq!(store.cut(stream, positions[0], positions[2], at(9)).await.unwrap(), None);
    let within = store.cut(stream, positions[1], positions[2], at(9)).await;
    assert!(matches!(within, Err(StoreError::Conflict(_))));
    let view = store.streams().await.unwrap().remove(0);
    assert_eq!((view.open(), view.cut.len(), view.open_since), (1, 1, Some(at(2))));

    let find = async |filter: BadgeFilter, after| {
        let found = store.badges(fixture.account.id, &filter, after, 2).await.unwrap();
        found.into_iter().map(|badge| badge.position).collect::<Vec<_>>()
    };
    assert_eq!(find(BadgeFilter::default(), None).await, positions[..2]);
    assert_eq!(find(BadgeFilter::default(), Some(positions[1])).await, positions[2..3]);
    let accepted = BadgeFilter { state: Some(BadgeState::Accepted), ..BadgeFilter::default() };
    assert_eq!(find(accepted, None).await, positions[2..3]);
    let named = BadgeFilter {
        external_id: Some("C-1".parse().unwrap()),
        issuers: vec![fixture.issuer.id],
        received_after: Some(at(2)),
        ..BadgeFilter::default()
    };
    assert_eq!(find(named, None).await, positions[2..3]);
    let foreign = BadgeFilter { issuers: vec![IssuerId(99)], ..BadgeFilter::default() };
    assert!(find(foreign, None).await.is_empty());
    let twin = store.badges_by_digest(Rule::JcsSha256V1, twins[1].digest).await.unwrap();
    assert_eq!(twin.len(), 1);
    assert_eq!(twin[0].entry().issuer, fixture.issuer.identifier.hash());

    let mut stranger = fixture.submission(7);
    stranger.issuer = IssuerId(99);
    let refused = store.accept(stream, &[fixture.submission(6), stranger]).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    assert_eq!(store.counts().await.unwrap().positions, 3);
}

#[tokio::test]
async fn administration_reads_back_what_it_wrote() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let store = &fixture.store;
    let account = fixture.account.id;
    assert_eq!(store.accounts().await.unwrap()[0], fixture.account);
    assert_eq!(store.issuers(Some(account)).await.unwrap()[0], fixture.issuer);
    let twice =
        store.add_issuer(account, &fixture.issuer.identifier, &[], Control::Manual, at(1)).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))));
    let other = "did:web:other.example".parse().unwrap();
    let orphan = store.add_issuer(AccountId(99), &other, &[], Control::Manual, at(1)).await;
    assert!(matches!(orphan, Err(StoreError::NotFound)));
    store.disable_issuer(fixture.issuer.id, at(2)).await.unwrap();
    store.disable_issuer(fixture.issuer.id, at(3)).await.unwrap();
    assert_eq!(store.issuers(None).await.unwrap()[0].disabled_at, Some(at(2)));

    let key = ApiKeyRecord {
        hash: Hash([1; 32]),
        account,
        shown: "ingam_12345678".into(),
        scopes: "ingest,read".parse().unwrap(),
        issuers: vec![fixture.issuer.id],
        created_at: at(4),
        expires_at: Some(at(40)),
        revoked_at: None,
    };
    store.add_key(&key).await.unwrap();
    assert!(matches!(store.add_key(&key).await, Err(StoreError::Conflict(_))));
    assert_eq!(store.key(key.hash).await.unwrap(), Some(key.clone()));
    assert_eq!(store.revoke_key(account, &key.shown, at(5)).await.unwrap(), 1);
    assert_eq!(store.revoke_key(account, &key.shown, at(6)).await.unwrap(), 0);
    assert_eq!(store.keys(account).await.unwrap()[0].revoked_at, Some(at(5)));

    let facts = &fixture.stream;
    let again = store.stream(facts.chain_id, facts.registry, &facts.service, PROMISE_MS, at(7));
    assert_eq!(again.await.unwrap(), *facts);
    let longer =
        store.stream(facts.chain_id, facts.registry, &facts.service, PROMISE_MS + 1, at(7));
    let longer = longer.await.unwrap();
    assert_eq!((longer.id.0, longer.shard), (facts.id.0 + 1, 1));

    let registry = RegistryRecord {
        chain_id: 31_337,
        address: facts.registry,
        from_block: 3,
        code_hash: Hash([3; 32]),
        created_at: at(0),
    };
    store.add_registry(&registry).await.unwrap();
    store.add_registry(&RegistryRecord { created_at: at(9), ..registry }).await.unwrap();
    let moved = store.add_registry(&RegistryRecord { from_block: 4, ..registry }).await;
    assert!(matches!(moved, Err(StoreError::Conflict(_))));
    assert_eq!(store.registries().await.unwrap(), [registry]);
    let receipt_key = ReceiptKeyRecord {
        key_id: Hash([4; 32]),
        public_key: [5; 32],
        not_before: at(1),
        not_after: None,
        revoked_at: None,
    };
    store.add_receipt_key(&receipt_key).await.unwrap();
    store.add_receipt_key(&receipt_key).await.unwrap();
    assert_eq!(store.receipt_keys().await.unwrap(), [receipt_key]);
    for version in 1..=2 {
        let file = TrustFile {
            service: "test".to_owned(),
            registries: Vec::new(),
            receipt_keys: Vec::new(),
            issuers: Vec::new(),
            published_at: at(version),
        };
        let published = store.publish_trust(&file, version - 1, at(version)).await.unwrap();
        assert_eq!(published.version, version);
    }
    assert_eq!(store.trust_history().await.unwrap().len(), 2);
}
